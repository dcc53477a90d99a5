import { ValidateBy, type ValidationArguments } from 'class-validator';

/** The value of `NODE_ENV` under which an app does not start without secrets of its own. */
export const PRODUCTION = 'production';

export interface SetOptions {
  /** Throws on what is not well-formed. */
  parse: (text: string) => unknown;
  /** What is well-formed, as an error tells it. */
  form: string;
}

/** A variable that may be left out only outside production, and by who only provisions. No message shows its value: it may be a secret. */
export const IsSet = ({ parse, form }: SetOptions): PropertyDecorator =>
  ValidateBy({
    name: 'isSet',
    validator: {
      validate: (value: unknown, args?: ValidationArguments) => {
        if (value === undefined) return !isNeeded(args?.object);
        try {
          return typeof value === 'string' && parse(value) !== undefined;
        } catch {
          return false;
        }
      },
      defaultMessage: () => `$property must be ${form}, and must be set where NODE_ENV is '${PRODUCTION}'`,
    },
  });

// Who makes streams and buckets and ends takes no request and reads nothing that is encrypted.
const isNeeded = (config: object = {}): boolean =>
  Reflect.get(config, 'NODE_ENV') === PRODUCTION && Reflect.get(config, 'PROVISION') !== 'only';
