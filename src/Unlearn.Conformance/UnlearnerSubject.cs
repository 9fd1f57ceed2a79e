using Unlearn.MLNet;
using Unlearn.Transforms;

namespace Unlearn.Conformance;

/// <summary>An unlearner to check, with a target to unlearn from.</summary>
public sealed record UnlearnerSubject
{
    /// <summary>Creates the unlearner; the same one each time.</summary>
    public required Func<IUnlearner> CreateUnlearner { get; init; }

    /// <summary>The target, trained by <see cref="Recipe"/> on all <see cref="Rows"/>.</summary>
    public required ITarget Target { get; init; }

    /// <summary>How the target was trained.</summary>
    public required ITrainingRecipe Recipe { get; init; }

    /// <summary>The training rows, at least 10.</summary>
    public required TrainingRows Rows { get; init; }

    /// <summary>Positions of the rows to forget, at least two; see <see cref="UnlearningRequest.Forget"/>.</summary>
    public required IReadOnlyList<int> Forget { get; init; }
}
