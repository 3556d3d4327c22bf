import { expect, test } from 'vitest'
import { fakeDriver, hostsOf, IDC, ok, openRig, sliceOf, turns } from '../testing/controller-rig.ts'

test('what a client has begun runs once, also when the log has forgotten it and it is offered again', async () => {
  const rig = await openRig()
  const begun: string[] = []
  await rig.start(
    fakeDriver(async ({ host }, report) => {
      await report.started()
      begun.push(host.name)
      return ok
    }),
  )
  const runId = '0199a1b2-0000-7000-8000-000000000001'
  const slice = sliceOf(hostsOf(2), { runId, sliceId: `${runId}:0` })
  await rig.offer(slice)
  await rig.ended(2)
  await turns(20)
  const { last } = await rig.engine.log.info(IDC)
  await rig.engine.log.trim(IDC, last)
  expect(await rig.engine.log.history(IDC, slice.sliceId)).toEqual([])
  await rig.offer(slice)
  await turns(50)
  expect(await rig.engine.queue.depth(IDC)).toEqual({ waiting: 0, leased: 0 })
  expect(begun).toEqual(['web-0', 'web-1'])
})
