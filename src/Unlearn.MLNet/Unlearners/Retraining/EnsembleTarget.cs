using TorchSharp;
using Unlearn.Transforms;
using Unlearn.Transforms.Numerics;
using Unlearn.Transforms.Rows;

namespace Unlearn.MLNet;

/// <summary>Several models as one target. The ensemble predicts the mean of their probabilities.</summary>
public sealed class EnsembleTarget : ITarget
{
    /// <summary>Creates the ensemble, which owns its members from now on.</summary>
    /// <param name="members">At least one model; all have the same classes, in the same order, and features.</param>
    /// <exception cref="ArgumentException">There is no member, or the classes of two members differ in names or order.</exception>
    public EnsembleTarget(IReadOnlyList<ITarget> members)
    {
        ArgumentNullException.ThrowIfNull(members);
        ArgumentOutOfRangeException.ThrowIfZero(members.Count);
        Members = members;
        if (members.FirstOrDefault(member => ClassOrder.Map(member.ClassNames, ClassNames) is not null) is { } other)
            throw new ArgumentException($"The classes of a member are {ClassOrder.Show(other.ClassNames!)}, "
                + $"but those of another are {ClassOrder.Show(ClassNames!)}: train all members on rows whose labels were mapped alike.", nameof(members));
    }

    /// <summary>The models.</summary>
    public IReadOnlyList<ITarget> Members { get; }

    /// <inheritdoc/>
    public int ClassCount => Members[0].ClassCount;

    /// <inheritdoc/>
    public IReadOnlyList<string>? ClassNames => Members.Select(member => member.ClassNames).FirstOrDefault(names => names is not null);

    /// <inheritdoc/>
    public int FeatureCount => Members[0].FeatureCount;

    /// <inheritdoc/>
    public TargetCapabilities Capabilities => TargetCapabilities.Logits;

    /// <inheritdoc/>
    public string? Limitation => "of an ensemble only the mean of its members' answers can be seen: use a single model for such factors";

    /// <summary>Logarithms of the mean probabilities; see <see cref="ITarget.Logits"/>.</summary>
    /// <inheritdoc/>
    public torch.Tensor Logits(torch.Tensor features)
    {
        using var scope = torch.NewDisposeScope();
        var logProbabilities = torch.stack([.. Members.Select(member => torch.nn.functional.log_softmax(member.Logits(features), 1))]);
        return logProbabilities.logsumexp(0).Sub(Math.Log(Members.Count)).MoveToOuterDisposeScope();
    }

    /// <summary>The members' representations side by side; see <see cref="ITarget.Embed"/>.</summary>
    /// <inheritdoc/>
    public torch.Tensor Embed(torch.Tensor features)
    {
        using var scope = torch.NewDisposeScope();
        return torch.cat([.. Members.Select(member => member.Embed(features))], 1).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public ITarget Clone() => new EnsembleTarget([.. Members.Select(member => member.Clone())]);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var member in Members.Distinct())
            member.Dispose();
    }
}
