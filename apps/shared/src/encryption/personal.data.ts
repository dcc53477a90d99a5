import { PERSONAL_DATA } from '@millrace/contracts';
import { Encrypted } from '@millrace/core';

// The contracts say what is personal; that it is encrypted is for those who have the keys.
for (const { event, property } of PERSONAL_DATA) Encrypted()(event.prototype, property);
