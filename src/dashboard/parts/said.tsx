/** The gateway's own words. */
import { said } from '../i18n/said/index.ts';

/** In the page's language where it knows them; `code` stands between backticks. */
export function Said({ children }: { readonly children: string }) {
  const { text, lang } = said(children);
  return (
    <span lang={lang}>
      <WithCode>{text}</WithCode>
    </span>
  );
}

/** Words in which code stands between backticks. */
export function WithCode({ children }: { readonly children: string }) {
  const parts = children.split('`');
  // One without its end is no code.
  if (parts.length % 2 === 0) return <>{children}</>;
  return <>{parts.map((part, at) => (at % 2 === 1 ? <code key={at}>{part}</code> : part))}</>;
}
