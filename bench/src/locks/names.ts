/** What all contenders have in common. */
export const CALLERS = 64;
export const TTL = '10s';
export const nameOf = (n: number): string => `lock-${n % 1000}`;
