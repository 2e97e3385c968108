/**
 * A real cluster on one machine: a JobManager, TaskManagers and ZooKeeper as processes of their
 * own, started from this JVM's class path, beside the broker and the registry of the local stack.
 * {@link ai.falaj.jobs.cluster.ProcessCluster} starts and stops all of it; any process can be
 * killed, paused and started again, and what it held goes with it.
 *
 * <p>What this shows and a MiniCluster cannot: heartbeats that stop, leaders that change, open
 * transactions of writers that are gone, and writers that come back after they were given up.
 */
package ai.falaj.jobs.cluster;
