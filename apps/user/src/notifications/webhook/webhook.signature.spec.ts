import { newSecret, SECRET_FORM, signatureHeaders } from './webhook.signature.js';

describe('the signature of a webhook', () => {
  it('is that of Standard Webhooks', () => {
    // The example of the specification's reference libraries.
    const headers = signatureHeaders('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', {
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      now: 1_614_265_330_000,
      body: '{"test": 2432232314}',
    });
    expect(headers).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  it('has secrets that are new each time, and of one form', () => {
    const secrets = Array.from({ length: 100 }, newSecret);
    expect(new Set(secrets).size).toBe(100);
    for (const secret of secrets) expect(secret).toMatch(SECRET_FORM);
    for (const other of ['', 'whsec_', 'whsec_short', secrets[0]?.slice(1), `${secrets[0]}-`]) {
      expect(other).not.toMatch(SECRET_FORM);
    }
  });
});
