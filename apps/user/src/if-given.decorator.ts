import { ValidateIf } from 'class-validator';

/** Of a property of a request that may be left out, but is not `null`. */
export const IfGiven = (): PropertyDecorator =>
  ValidateIf((_request: object, value: unknown) => value !== undefined);
