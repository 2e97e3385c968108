/**
 * The local stack: a real Kafka broker and a real schema registry, each in a process of its own,
 * and a Flink MiniCluster in this one. {@link ai.falaj.jobs.stack.LocalStack} starts and stops all
 * of it; everything listens on the loopback interface only and starts empty each time.
 *
 * <p>How nothing is left behind: {@code LocalStack.close()} runs at the end, and as a shutdown
 * hook. The children also end by themselves when this process dies without either, kill -9
 * included: each holds the read end of a pipe on its standard input, and {@link
 * ai.falaj.jobs.stack.child.ChildMain} ends the child when the pipe's other end is gone.
 */
package ai.falaj.jobs.stack;
