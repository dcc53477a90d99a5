import { ValidateBy, ValidationOptions } from 'class-validator';
import { Duration, toMillis } from '@millrace/core';

const isDuration = (value: unknown): boolean => {
  try {
    return toMillis(value as Duration) > 0;
  } catch {
    return false;
  }
};

/** A duration longer than nothing: `'500ms'`, `'5s'`, `'1m'`. */
export const IsDuration = (options?: ValidationOptions): PropertyDecorator =>
  ValidateBy(
    {
      name: 'isDuration',
      validator: {
        validate: isDuration,
        defaultMessage: () => "$property must be a duration such as '500ms', '5s' or '1m'",
      },
    },
    options,
  );
