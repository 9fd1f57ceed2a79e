using Microsoft.ML.Runtime;

namespace Unlearn.Transforms;

/// <summary>
/// How targets of one kind are saved, with the factors that were fitted on them, and loaded. A saved model names the kind, never a .NET type.
/// </summary>
public interface ITargetFormat
{
    /// <summary>Name of the kind, such as <c>torch</c>. Saved models find the format by this name.</summary>
    string Kind { get; }

    /// <summary>Whether a target is of the kind that this format saves.</summary>
    /// <param name="target">The target.</param>
    bool CanSave(ITarget target);

    /// <summary>Saves a target as named entries: at most 30, each of at most 1 GiB. A hash protects them.</summary>
    /// <param name="target">A target of this kind.</param>
    /// <exception cref="NotSupportedException">This target holds something that cannot be saved.</exception>
    IReadOnlyDictionary<string, byte[]> Save(ITarget target);

    /// <summary>
    /// Makes a target from the entries of <see cref="Save"/>. The tensors belong to the target, not to the open dispose scope. An entry is unpacked and its
    /// hash checked when it is read; a file with an entry that is not read is refused.
    /// </summary>
    /// <param name="environment">The environment that the model is loaded into: an <see cref="Microsoft.ML.MLContext"/> or a host of one.</param>
    /// <param name="entries">The entries.</param>
    /// <exception cref="FormatException">The entries are damaged.</exception>
    /// <exception cref="InvalidOperationException">This process lacks something that the target needs, such as a custom architecture.</exception>
    ITarget Load(IHostEnvironment environment, IReadOnlyDictionary<string, byte[]> entries);
}
