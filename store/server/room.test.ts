import { expect } from 'chai'
import { isThisMachine, networkOf, openRoom } from './room.ts'

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

  it('is limited for each network of IPv6 addresses', () => {
    const room = open()
    for (const address of ['2001:db8:1:2::7', '2001:db8:1:2:ffff::8']) room.take({ ...guest, address })
    expect(() => room.take({ ...guest, account: bert, address: '2001:db8:1:2::9' })).to.throw(
      '2 uploads from 2001:db8:1:2::/64 are running',
    )
    room.take({ ...guest, account: bert, address: '2001:db8:1:3::9' })
  })

  it('knows the network of an address, however it is written', () => {
    const spellings = [
      ['2001:db8::1', '2001:db8:0:0::/64'],
      ['2001:0DB8:0000:0000:0001::', '2001:db8:0:0::/64'],
      ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
      ['::2', '0:0:0:0::/64'],
      ['1::4:5:6:7:8', '1:0:0:4::/64'],
      ['fe80::1%eth0', 'fe80:0:0:0::/64'],
      ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
      ['::ffff:203.0.113.7', far],
      [far, far],
      ['', ''],
    ] as const
    for (const [address, network] of spellings) expect(networkOf(address), address).to.equal(network)
  })

  it('knows this machine by all its addresses', () => {
    for (const own of ['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1'])
      expect(isThisMachine(own), own).to.equal(true)
    for (const other of ['10.0.0.1', '::2', '127.example', '::ffff:10.0.0.1', ''])
      expect(isThisMachine(other), other).to.equal(false)
  })
})
