import { expect } from 'chai'
import { isThisMachine, openRoom } from './room.ts'

const limits = { total: 4, keptForDuty: 2, perAccount: 3, perAddress: 2 }
const far = '203.0.113.7'
const near = '127.0.0.1'
const anna = `0x${'a1'.repeat(20)}` as const
const bert = `0x${'b2'.repeat(20)}` as const

describe('room for transfers', () => {
  const open = () => openRoom(limits, 'uploads')
  const guest = { account: anna, address: near, hasDuty: true }

  it('is limited in all, and free again when a transfer ends, once', () => {
    const room = open()
    const ends = [anna, anna, bert, bert].map((account) => room.take({ ...guest, account }))
    expect(() => room.take({ ...guest, account: undefined })).to.throw('4 uploads here are running')
    ends[0]!()
    ends[0]!()
    expect(room.taken()).to.equal(3)
    room.take(guest)
    expect(() => room.take(guest)).to.throw('4 uploads here are running, and 4 may.')
  })

  it('is kept for whoever has a duty', () => {
    const room = open()
    const idle = { ...guest, hasDuty: false }
    room.take(idle)
    room.take({ ...idle, account: bert })
    expect(() => room.take({ ...idle, account: bert })).to.throw('2 uploads here are running, and 2 may')
    room.take(guest)
    room.take(guest)
  })

  it('is limited for each account, wherever it comes from', () => {
    const room = open()
    for (const address of [near, far, '203.0.113.8']) room.take({ ...guest, address })
    expect(() => room.take(guest)).to.throw(`3 uploads of ${anna} are running`)
    room.take({ ...guest, account: bert })
  })

  it('is limited for each address but this machine’s own', () => {
    const room = open()
    room.take({ ...guest, address: far })
    room.take({ ...guest, account: bert, address: far })
    expect(() => room.take({ ...guest, account: bert, address: far })).to.throw(
      `2 uploads from ${far} are running`,
    )
    room.take({ ...guest, account: bert })
  })

  it('knows this machine by all its addresses', () => {
    for (const own of ['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1'])
      expect(isThisMachine(own), own).to.equal(true)
    for (const other of ['10.0.0.1', '::2', '127.example', '::ffff:10.0.0.1', ''])
      expect(isThisMachine(other), other).to.equal(false)
  })
})
