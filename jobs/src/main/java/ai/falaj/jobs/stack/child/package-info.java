/**
 * What runs inside the child processes, beside foreign class paths: it may use nothing but the JDK.
 */
package ai.falaj.jobs.stack.child;
