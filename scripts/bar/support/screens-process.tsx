// The dashboard on the fleet of the tests with a clock that stands still, on the terminal this process was given.
import {fakeClient} from '../../../test/support/fake-client.ts';
import {fleetNow} from '../../../test/ui/support/a-fleet.ts';
import {lineTime, ordersLog, petclinicLog} from '../../../test/ui/support/fleet-logs.ts';
import {aPracticedFleet, practicedBuild} from '../../../test/ui/support/practiced-fleet.ts';
import {runDashboard} from '../../../source/ui/run-dashboard.tsx';

const client = fakeClient({state: aPracticedFleet(), now: () => fleetNow, lineTime});
client.addLog(practicedBuild, petclinicLog);
client.addLog({namespace: 'default', image: 'orders-api', number: 2}, ordersLog);
await runDashboard({
  client,
  stdin: process.stdin,
  stdout: process.stdout,
  now: () => fleetNow,
  preferences: {still: true},
  title: 'demo',
});
process.exit();
