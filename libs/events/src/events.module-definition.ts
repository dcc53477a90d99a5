import { ConfigurableModuleBuilder } from '@nestjs/common';
import { EventsModuleOptions } from './events.options.js';

export interface EventsModuleExtras {
  /** Which connection carries the events, where an application has several. */
  connection?: string;
}

export const EVENTS_OPTIONS = Symbol.for('@millrace/events:options');

export const { ConfigurableModuleClass } = new ConfigurableModuleBuilder<EventsModuleOptions>({
  optionsInjectionToken: EVENTS_OPTIONS,
})
  .setClassMethodName('forRoot')
  .setExtras<EventsModuleExtras>({}, (definition) => definition)
  .build();
