import { ValidateBy } from 'class-validator';

/** A time that JavaScript can place: of what ISO 8601 allows, weeks and ordinal days are none. */
export const IsPointInTime = (): PropertyDecorator =>
  ValidateBy({
    name: 'isPointInTime',
    validator: {
      validate: (value: unknown) => typeof value === 'string' && !Number.isNaN(Date.parse(value)),
      defaultMessage: () => "$property must be a time such as '2026-01-02T03:04:05Z'",
    },
  });
