/**
 * Which models Falaj knows by name, and how their files get onto this machine.
 *
 * <p>{@link ai.falaj.runtime.models.ModelCatalogue} is the list that ships with Falaj, {@link
 * ai.falaj.runtime.models.ModelStore} the folder of downloaded files: it resolves names to files
 * and pulls what is missing from Hugging Face, or, for the demo's model, out of a Python package.
 */
package ai.falaj.runtime.models;
