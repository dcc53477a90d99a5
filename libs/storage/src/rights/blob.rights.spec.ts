import { blobRights } from './blob.rights.js';

const subjects = blobRights('scans').map(({ subject }) => subject);

describe('what a store of blobs needs', () => {
  it('is to read, write, follow and remove what is in it', () => {
    expect(subjects).toEqual(
      expect.arrayContaining([
        '$JS.API.STREAM.MSG.GET.OBJ_scans',
        '$JS.API.DIRECT.GET.OBJ_scans.>',
        '$JS.API.CONSUMER.CREATE.OBJ_scans.*.$O.scans.C.>',
        '$JS.API.CONSUMER.CREATE.OBJ_scans.*.$O.scans.M.>',
        '$JS.API.STREAM.PURGE.OBJ_scans',
        '$O.scans.C.>',
        '$O.scans.M.>',
      ]),
    );
  });

  it('is nothing of other stores, nor to make or to change its stream', () => {
    expect(subjects.filter((subject) => !/\bOBJ_scans\b|^\$O\.scans\./.test(subject))).toEqual([]);
    expect(subjects.filter((subject) => /STREAM\.(CREATE|UPDATE|DELETE)/.test(subject))).toEqual([]);
  });
});
