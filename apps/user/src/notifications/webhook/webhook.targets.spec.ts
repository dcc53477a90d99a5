import { isPublicAddress, WebhookTargets } from './webhook.targets.js';

describe('a webhook may go', () => {
  const anywhere = new WebhookTargets(undefined);

  it.each([
    'https://example.org/hook?token=1',
    'https://example.org:8443',
    'https://93.184.216.34/',
    'https://[2606:2800:220:1::1]/',
  ])('to %s', (url) => {
    expect(anywhere.refusal(url)).toBeUndefined();
  });

  it.each([
    ['nonsense', 'https URL'],
    ['http://example.org/', 'https URL'],
    ['ftp://example.org/', 'https URL'],
    ['file:///etc/passwd', 'https URL'],
    ['javascript:alert(1)', 'https URL'],
    ['https://ann:secret@example.org/', 'password'],
    ['https://127.0.0.1/', 'public'],
    ['https://2130706433/', 'public'],
    ['https://0x7f.1/', 'public'],
    ['https://10.1.2.3/', 'public'],
    ['https://169.254.169.254/latest/meta-data', 'public'],
    ['https://[::1]/', 'public'],
    ['https://[::ffff:10.0.0.1]/', 'public'],
    ['https://[fd00::1]/', 'public'],
  ])('not to %s', (url, why) => {
    expect(anywhere.refusal(url)).toContain(why);
  });

  it('with a list, there and nowhere else, at the port that it says', () => {
    const some = new WebhookTargets('hooks.example.org, 127.0.0.1:9000');
    expect(some.refusal('https://hooks.example.org/a')).toBeUndefined();
    expect(some.refusal('http://127.0.0.1:9000/a')).toBeUndefined();
    expect(some.allowsAddress('127.0.0.1')).toBe(true);
    for (const url of ['https://example.org/', 'http://127.0.0.1:9001/', 'https://hooks.example.org:8443/']) {
      expect(some.refusal(url)).toContain('allowed');
    }
  });

  it('to no address inside, whatever the name that leads to it', () => {
    const inside = [
      '127.0.0.1',
      '10.0.0.1',
      '172.31.9.9',
      '192.168.1.1',
      '100.64.0.1',
      '0.0.0.0',
      '255.255.255.255',
    ];
    const inside6 = [
      '::1',
      '::',
      'fe80::1',
      'fc00::1',
      '::ffff:127.0.0.1',
      '64:ff9b::7f00:1',
      '2002:7f00:1::',
      'ff02::1',
    ];
    for (const address of [...inside, ...inside6])
      expect([address, isPublicAddress(address)]).toEqual([address, false]);
    for (const address of ['8.8.8.8', '172.32.0.1', '2606:4700::1111'])
      expect(isPublicAddress(address)).toBe(true);
    expect(anywhere.allowsAddress('10.0.0.1')).toBe(false);
  });
});
