/** What is asked and answered, as plain objects. Only Millrace makes instances of classes of them. */
export interface Numbered {
  id: string;
  number: number;
}

export interface Answered {
  id: string;
  doubled: number;
}

export const PATTERN = 'bench.double';

export const numbered = (n: number): Numbered => ({ id: `order-${n % 1000}-of-the-benchmark`, number: n });

/** What every contender's handler does. */
export const doubled = ({ id, number }: Numbered): Answered => ({ id, doubled: number * 2 });
