import {
  ErrorCode,
  eventStreamName,
  eventStreamSubject,
  mayListConsumers,
  MillraceError,
  Right,
} from '@millrace/core';
import {
  advisoryRights,
  broadcastRights,
  consumerRights,
  deadLetterRights,
  deadSubject,
  handBackRights,
  inboxRights,
  orderedRights,
  partitionedStreamName,
  rateRights,
} from '@millrace/delivery';
import { ownReconciler } from '../routing/event.dead-letters.js';
import { OrderedOptions } from '../routing/subscription.options.js';
import { SubscriptionPlan } from '../routing/subscription.js';
import { contextsOf, eventFor, filterFor } from '../routing/subscription.target.js';

export interface SubscriberRightsOptions {
  app: string;
  advisories: 'all' | 'own' | 'none';
}

/** What the subscribers of an application need. @throws MillraceError `RIGHTS_UNBOUNDED` */
export const subscriberRights = (
  plans: readonly SubscriptionPlan[],
  options: SubscriberRightsOptions,
): Right[] => {
  if (plans.length === 0) return [];
  return [...plans.flatMap((plan) => planRights(plan, options.app)), ...ownAdvisoryRights(plans, options)];
};

const planRights = (plan: SubscriptionPlan, app: string): Right[] => {
  const { group, rate } = plan.options;
  return [
    ...namedContexts(plan).flatMap((context) => contextRights(plan, context)),
    ...(rate ? rateRights(app, 'events', group) : []),
  ];
};

const contextRights = (plan: SubscriptionPlan, context: string): Right[] => {
  const { target, options } = plan;
  const { group, inboxTtlMs, ordered } = options;
  const stream = eventStreamName(context);
  const label = `group '${group}' of ${context}`;
  const dead = deadSubject({ context, event: eventFor(target, context) ?? '*', group, keyToken: '*' });
  return [
    ...(ordered ? orderedPlaceRights(plan, context, ordered) : sharedPlaceRights(plan, context)),
    ...deadLetterRights(dead, label),
    ...(inboxTtlMs === undefined ? [] : inboxRights(stream, group, label)),
    mayListConsumers(stream, label, 'tell of groups without a subscriber'),
  ];
};

const sharedPlaceRights = ({ target, options }: SubscriptionPlan, context: string): Right[] => {
  const { group, mode } = options;
  const place = { stream: eventStreamName(context), label: `group '${group}' of ${context}` };
  if (mode === 'broadcast') {
    const any = { ...place, consumer: '*' };
    return [...broadcastRights(place, filterFor(target, context)), ...handBackRights(any)];
  }
  const own = { ...place, consumer: group };
  return [...consumerRights(own), ...handBackRights(own)];
};

const orderedPlaceRights = (
  { options: { group } }: SubscriptionPlan,
  context: string,
  { partitions, onExhausted }: OrderedOptions,
): Right[] =>
  orderedRights({
    source: {
      context,
      group,
      partitions,
      stream: eventStreamName(context),
      subjects: eventStreamSubject(context),
    },
    onExhausted,
    label: `group '${group}' of ${context}`,
  });

/** What the server gave up is read where it lies. */
const ownAdvisoryRights = (
  plans: readonly SubscriptionPlan[],
  { app, advisories }: SubscriberRightsOptions,
): Right[] => {
  if (advisories === 'none') return [];
  if (advisories === 'all') throw allAdvisories(app);
  const streams = plans.flatMap((plan) => namedContexts(plan).map((context) => placeOf(plan, context)));
  return advisoryRights(ownReconciler(app), streams);
};

const placeOf = ({ options: { group, ordered } }: SubscriptionPlan, context: string): string => {
  const stream = eventStreamName(context);
  if (!ordered) return stream;
  const source = { context, group, stream, subjects: eventStreamSubject(context), ...ordered };
  return partitionedStreamName(source);
};

const namedContexts = ({ target, options: { group } }: SubscriptionPlan): string[] => {
  const contexts = contextsOf(target);
  if (contexts) return contexts;
  throw new MillraceError(
    ErrorCode.RightsUnbounded,
    `The group '${group}' subscribes to ${target.text}, in whatever context`,
    { remedy: "Name the contexts, as in 'order.*'", details: { group } },
  );
};

const allAdvisories = (app: string): MillraceError =>
  new MillraceError(
    ErrorCode.RightsUnbounded,
    `${app} looks after what the server gives up of the events of all applications`,
    {
      remedy: "Set deadLetters: { advisories: 'own' } in EventsModule.forRoot, or false",
      details: { app },
    },
  );
