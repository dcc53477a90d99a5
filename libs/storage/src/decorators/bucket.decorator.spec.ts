import { thrownBy } from '../storage.fixture.js';
import { Bucket, bucketDefinitionOf, findBucketDefinition } from './bucket.decorator.js';
import { getBucketToken } from './inject-bucket.decorator.js';

@Bucket('values', { history: 2 })
class Value {}

class Child extends Value {}

describe('@Bucket', () => {
  it('records the bucket of its class', () => {
    expect(bucketDefinitionOf(Value)).toEqual({ name: 'values', target: Value, options: { history: 2 } });
    expect(getBucketToken(Value)).toBe('@millrace/storage:bucket:values');
  });

  it('is not inherited: a subclass would write other values into the same bucket', () => {
    expect(findBucketDefinition(Child)).toBeUndefined();
    expect(thrownBy(() => bucketDefinitionOf(Child))).toMatchObject({ code: 'CONTRACT_UNKNOWN' });
  });

  it('refuses a bad declaration where it stands', () => {
    expect(thrownBy(() => Bucket('no good')(Value))).toMatchObject({ code: 'CONFIG_INVALID' });
  });
});
