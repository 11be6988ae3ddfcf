/**
 * Addresses at which clouds hand out credentials to whoever asks on the same machine. They are refused when a connection is made, for
 * whatever name they stand then: a name may stand for something else each time it is looked up.
 */
import { lookup as systemLookup, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

const refused = new BlockList();
/** RFC 3927 and RFC 4291; AWS's, Google's and Azure's metadata are at 169.254.169.254. */
refused.addSubnet('169.254.0.0', 16, 'ipv4');
refused.addSubnet('fe80::', 10, 'ipv6');
/** AWS over IPv6, and Alibaba's. */
refused.addAddress('fd00:ec2::254', 'ipv6');
refused.addAddress('100.100.100.200', 'ipv4');

/** Of an address in any spelling that a URL's host may have, brackets and zone included; false for a name. */
export function isLinkLocal(host: string): boolean {
  const address = host.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  const family = isIP(address);
  return family !== 0 && refused.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/** The reason that a refused connection has. */
export const REFUSED_ADDRESS = 'ERR_LINK_LOCAL_ADDRESS';

export function refusedAddress(host: string): Error {
  const error = new Error(`${host} stands for a link-local or metadata address`);
  return Object.assign(error, { code: REFUSED_ADDRESS });
}

/** `dns.lookup` that gives no such address. */
export const guardedLookup: LookupFunction = (host, options, found) => {
  systemLookup(host, options, (error, address, family) => {
    const addresses = typeof address === 'string' ? [address] : (address ?? []).map(addressOf);
    if (error === null && addresses.some(isLinkLocal)) found(refusedAddress(host), '');
    else found(error, address, family);
  });
};

const addressOf = ({ address }: LookupAddress): string => address;
