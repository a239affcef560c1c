import { expect } from 'chai'
import { StoreError } from './blob-store.ts'
import { asDiskError } from './disk-error.ts'

const systemError = (code: string) =>
  Object.assign(new Error(`${code}: it failed`), { code, errno: -5, syscall: 'read' })

function codeOf(systemCode: string, doing: 'read' | 'write'): string {
  const error = asDiskError(systemError(systemCode), { dir: '/blobs', doing })
  return error instanceof StoreError ? error.code : String(error)
}

describe('an error of the system in the store', () => {
  it('is unavailable when reading', () => {
    for (const code of ['EIO', 'EACCES', 'EMFILE', 'ENFILE', 'ESTALE', 'ENOENT', 'ENOSPC'])
      expect(codeOf(code, 'read'), code).to.equal('unavailable')
  })

  it('tells a writer when there is no room', () => {
    for (const code of ['ENOSPC', 'EDQUOT']) expect(codeOf(code, 'write'), code).to.equal('full')
    for (const code of ['EIO', 'EROFS', 'EMFILE']) expect(codeOf(code, 'write'), code).to.equal('unavailable')
  })

  it('names the folder, the failure and what to look at', () => {
    const error = asDiskError(systemError('EMFILE'), { dir: '/blobs', doing: 'read' }) as StoreError
    expect(error.message).to.match(/read in \/blobs: EMFILE.*limit of open files/)
  })

  it('leaves every other error as it is', () => {
    for (const error of [new TypeError('ours'), new StoreError('blob-missing', 'not there'), 'text'])
      expect(asDiskError(error, { dir: '/blobs', doing: 'read' })).to.equal(error)
  })
})
