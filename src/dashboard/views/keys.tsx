/** Keys, and budgets with what is left of each. */
import { BudgetsPanel } from './budgets.tsx';
import { KeysPanel } from './keys-panel.tsx';

export function KeysView() {
  return (
    <>
      <KeysPanel />
      <BudgetsPanel />
    </>
  );
}
