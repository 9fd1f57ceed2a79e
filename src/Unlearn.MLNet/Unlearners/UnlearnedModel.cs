using Unlearn.Transforms;

namespace Unlearn.MLNet;

/// <summary>The result of an unlearner. It owns its models and disposes them.</summary>
/// <param name="model">The model after unlearning.</param>
/// <param name="original">The model before unlearning if the algorithm makes its own; <see langword="null"/> if it started from the target.</param>
public sealed class UnlearnedModel(ITarget model, ITarget? original = null) : IDisposable
{
    /// <summary>The model after unlearning.</summary>
    public ITarget Model { get; } = model ?? throw new ArgumentNullException(nameof(model));

    /// <summary>
    /// The model before unlearning if the algorithm makes its own, such as SISA's ensemble; <see langword="null"/> if it started from the target.
    /// </summary>
    public ITarget? Original { get; } = original;

    /// <summary>
    /// Which member of <see cref="Original"/> was trained on each row, from 0 and in the order of the rows, if that is an
    /// <see cref="EnsembleTarget"/> whose members each saw a shard of the rows; <see langword="null"/> otherwise. A row's hardness is then judged by
    /// the member that saw it against those that did not.
    /// </summary>
    public IReadOnlyList<int>? ShardOfRow { get; init; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Model.Dispose();
        Original?.Dispose();
    }
}
