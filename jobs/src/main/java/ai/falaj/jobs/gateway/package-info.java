/**
 * An OpenAI-compatible server in front of the topics: each request becomes a prompt record, and
 * what the job writes becomes the answer. docs/GATEWAY.md says what it promises.
 */
package ai.falaj.jobs.gateway;
