import { ConsumerDefaults, ConsumerOptions, ResolvedConsumerOptions } from '@millrace/delivery';

/** What a subscriber can be told. */
export type SubscribeOptions = ConsumerOptions;

/** What a module gives to all its subscribers. */
export type SubscribeDefaults = ConsumerDefaults;

/** Options with every default in place. */
export type ResolvedOptions = ResolvedConsumerOptions;
