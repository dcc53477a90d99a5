import { ValidateIf } from 'class-validator';

/** Of what a request may leave out, but not say `null` for, as it may under `@IsOptional`. */
export const IfGiven = (): PropertyDecorator =>
  ValidateIf((_request: object, value: unknown) => value !== undefined);
