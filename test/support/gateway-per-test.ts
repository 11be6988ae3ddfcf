/** Gateways that a test starts and that end with it. */
import { closedAfterEach } from './closed-after-each.ts';
import { startTestGateway, type Setup, type WholeGateway } from './gateway-fixture.ts';

/** For a file of tests: starts a gateway that is closed after the test that asked for it. */
export function gatewayPerTest(): (setup?: Setup) => Promise<WholeGateway> {
  const open = closedAfterEach();
  return async (setup) => {
    const whole = await startTestGateway(setup);
    open.push(whole);
    return whole;
  };
}
