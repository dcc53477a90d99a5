import { ConfigurableModuleBuilder } from '@nestjs/common';
import { ScheduleModuleOptions } from './schedule.options.js';

export interface ScheduleModuleExtras {
  /** Which connection carries the schedules, where an application has several. */
  connection?: string;
}

export const SCHEDULE_OPTIONS = Symbol.for('@millrace/schedule:options');

export const { ConfigurableModuleClass } = new ConfigurableModuleBuilder<ScheduleModuleOptions>({
  optionsInjectionToken: SCHEDULE_OPTIONS,
})
  .setClassMethodName('forRoot')
  .setExtras<ScheduleModuleExtras>({}, (definition) => definition)
  .build();
