import { FatalDaemonError } from '@assay/sdk/daemon/errors.ts'
import { AssayError } from '@assay/sdk/errors.ts'
import { StoreError } from '@assay/store/blob-store.ts'
import { expect } from 'chai'
import { tellingOf } from './answer.ts'

describe('what is told of an error', () => {
  const refused = (name: string) =>
    new AssayError({ name, values: {}, message: 'No.', fix: 'Wait.', kind: 'refused' })

  it('has exit code 75 where waiting is all that is needed, and 1 where it is not', () => {
    expect(tellingOf(refused('Rounds_NotFinal')).exitCode).to.equal(75)
    expect(tellingOf(refused('StakeRegistry_StillUnbonding')).exitCode).to.equal(75)
    expect(tellingOf(refused('Tasks_Closed')).exitCode).to.equal(1)
    expect(tellingOf(new StoreError('unavailable', 'the store is away')).exitCode).to.equal(75)
    expect(tellingOf(new StoreError('bad-request', 'no address')).exitCode).to.equal(1)
  })

  it('is what our own packages say, as they say it', () => {
    const { message, fix } = tellingOf(new FatalDaemonError('The database is in use. Stop the other daemon.'))

    expect([message, fix]).to.deep.equal(['The database is in use. Stop the other daemon.', undefined])
  })

  it('asks to report only what nobody foresaw', () => {
    expect(tellingOf(new RangeError('odd')).fix).to.include('report it')
  })
})
