import { BlockList, isIP, isIPv4 } from 'node:net';

/** What is nobody's public address: RFC 6890 and its like, without which a webhook could reach into our own network. */
const RESERVED = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const) {
  RESERVED.addSubnet(network, prefix, 'ipv4');
}

// Of IPv6 what is given out: all else is reserved, or wraps an IPv4 address.
const GLOBAL = new BlockList();
GLOBAL.addSubnet('2000::', 3, 'ipv6');
for (const [network, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
] as const) {
  RESERVED.addSubnet(network, prefix, 'ipv6');
}

/** Whether an address can be somebody's out on the Internet. */
export const isPublicAddress = (address: string): boolean =>
  isIPv4(address)
    ? !RESERVED.check(address, 'ipv4')
    : GLOBAL.check(address, 'ipv6') && !RESERVED.check(address, 'ipv6');

/**
 * Where webhooks may go. With a list of hosts: there and nowhere else, by http too, and to whatever addresses they
 * have. Without: by https to any host, if all of its addresses are public.
 */
export class WebhookTargets {
  private readonly hosts: ReadonlySet<string> | undefined;

  /** @param hosts as in `hooks.example.org,10.0.0.7:9000`: with a port only that one, without only the scheme's. */
  constructor(hosts: string | undefined) {
    this.hosts =
      hosts === undefined
        ? undefined
        : new Set(
            hosts
              .toLowerCase()
              .split(',')
              .map((host) => host.trim()),
          );
  }

  /** Why a URL is no place for a webhook; `undefined` for one that may be. */
  refusal(text: string): string | undefined {
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (!url || !['https:', 'http:'].includes(url.protocol)) return 'must be an https URL';
    if (url.username !== '' || url.password !== '') return 'must not have a user or a password in it';
    if (this.hosts)
      return this.hosts.has(url.host) ? undefined : 'must be at one of the hosts that are allowed';
    if (url.protocol !== 'https:') return 'must be an https URL';
    const address = url.hostname.replace(/^\[|\]$/g, '');
    return isIP(address) === 0 || isPublicAddress(address) ? undefined : 'must be at a public address';
  }

  /** Whether a connection may be made to an address that a host's name was resolved to. */
  allowsAddress(address: string): boolean {
    return this.hosts !== undefined || isPublicAddress(address);
  }
}
