import { expect } from 'chai'
import { isThisMachine, openPlaces } from './places.ts'

const limits = { total: 4, keptForDuty: 2, perAccount: 3, perAddress: 2 }
const far = '203.0.113.7'
const near = '127.0.0.1'
const anna = `0x${'a1'.repeat(20)}` as const
const bert = `0x${'b2'.repeat(20)}` as const

describe('places for transfers', () => {
  const open = () => openPlaces(limits, 'uploads')
  const guest = { account: anna, address: near, hasDuty: true }

  it('are limited in all, and free again when a transfer ends, once', () => {
    const places = open()
    const ends = [anna, anna, bert, bert].map((account) => places.take({ ...guest, account }))
    expect(() => places.take({ ...guest, account: undefined })).to.throw('4 uploads here are running')
    ends[0]!()
    ends[0]!()
    expect(places.taken()).to.equal(3)
    places.take(guest)
    expect(() => places.take(guest)).to.throw('4 uploads here are running, and 4 may.')
  })

  it('are kept for whoever has a duty', () => {
    const places = open()
    const idle = { ...guest, hasDuty: false }
    places.take(idle)
    places.take({ ...idle, account: bert })
    expect(() => places.take({ ...idle, account: bert })).to.throw('2 uploads here are running, and 2 may')
    places.take(guest)
    places.take(guest)
  })

  it('are limited for each account, wherever it comes from', () => {
    const places = open()
    for (const address of [near, far, '203.0.113.8']) places.take({ ...guest, address })
    expect(() => places.take(guest)).to.throw(`3 uploads of ${anna} are running`)
    places.take({ ...guest, account: bert })
  })

  it('are limited for each address but this machine’s own', () => {
    const places = open()
    places.take({ ...guest, address: far })
    places.take({ ...guest, account: bert, address: far })
    expect(() => places.take({ ...guest, account: bert, address: far })).to.throw(
      `2 uploads from ${far} are running`,
    )
    places.take({ ...guest, account: bert })
  })

  it('know this machine by all its addresses', () => {
    for (const own of ['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1'])
      expect(isThisMachine(own), own).to.equal(true)
    for (const other of ['10.0.0.1', '::2', '127.example', '::ffff:10.0.0.1', ''])
      expect(isThisMachine(other), other).to.equal(false)
  })
})
