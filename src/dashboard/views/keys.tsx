/** Keys, budgets with what is left of each, and what is kept of those that consent. */
import { BudgetsPanel } from './budgets.tsx';
import { CollectedPanel } from './collected.tsx';
import { KeysPanel } from './keys-panel.tsx';

export function KeysView() {
  return (
    <>
      <KeysPanel />
      <BudgetsPanel />
      <CollectedPanel />
    </>
  );
}
