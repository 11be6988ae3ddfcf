/** Loaded before a gateway: `dark.test` stands for an address that swallows everything, then for one that answers. */
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import { DARK } from './dark-network.ts';

const system = dns.lookup;
type Found = (error: null, addresses: readonly dns.LookupAddress[]) => void;

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a connection asks for all addresses
dns.lookup = ((host: string, options: object, found: Found) => {
  if (host !== 'dark.test') {
    (system as (...given: unknown[]) => void)(host, options, found);
    return;
  }
  const addresses = [DARK, '127.0.0.1'].map((address) => ({ address, family: 4 }));
  process.nextTick(found, null, addresses);
}) as typeof dns.lookup;
syncBuiltinESMExports();
