using TorchSharp;
using Unlearn.Transforms;

namespace Unlearn.MLNet.Tests.Strengths;

/// <summary>An adjustable unlearner whose effect is a function of the strength. It counts its runs over all strengths.</summary>
internal sealed class Dial(string name, Func<UnlearningRequest, double, TorchTarget> unlearn, double strength = 1, Dial? first = null) : IAdjustableUnlearner
{
    private int _runs;

    public int Runs => _runs;

    public string Name => name;

    public string Specification => FormattableString.Invariant($"dial/1 {name} strength={strength}");

    public bool IsExact => false;

    public string StrengthScales => "the dial";

    public IUnlearner WithStrength(double other) => new Dial(name, unlearn, strength * other, first ?? this);

    public UnlearnedModel Unlearn(UnlearningRequest request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Interlocked.Increment(ref (first ?? this)._runs);
        return new(unlearn(request, strength));
    }

    /// <summary>
    /// (1 − t)·θ₀ + t·θ_R at t = strength × step, where θ_R is trained without the forgotten rows from the target's own seed: exact unlearning at
    /// strength 1 / step.
    /// </summary>
    public static Dial Interpolating(long targetSeed, double step, string name = "dial") => new(name, (request, strength) =>
    {
        using var retrained = ((TorchRecipe)request.Recipe).Train(request.Rows, request.Retained.ToArray(), targetSeed);
        return Blend((TorchTarget)request.Target, retrained, strength * step);
    });

    /// <summary>Does nothing.</summary>
    public static Dial Nothing => new("nothing", (request, _) => ((TorchTarget)request.Target).Clone());

    /// <summary>Turns every prediction into the same one, at any strength.</summary>
    public static Dial Destroying => new("destroying", (request, _) =>
    {
        var model = ((TorchTarget)request.Target).Clone();
        using var noGrad = torch.no_grad();
        foreach (var parameter in model.Module.parameters())
            parameter.zero_();
        return model;
    });

    /// <summary>As another dial up to a strength; diverges from there on.</summary>
    public static Dial DivergingFrom(double limit, Dial dial) => new("diverging", (request, strength) => strength < limit
        ? (TorchTarget)((Dial)dial.WithStrength(strength)).Unlearn(request, CancellationToken.None).Model
        : throw new TrainingDivergedException("The loss is NaN."));

    private static TorchTarget Blend(TorchTarget target, TorchTarget retrained, double share)
    {
        var model = target.Clone();
        using var scope = torch.NewDisposeScope();
        using var noGrad = torch.no_grad();
        foreach (var (parameter, goal) in model.Module.parameters().Zip(retrained.Module.parameters()))
            parameter.lerp_(goal, share);
        return model;
    }
}
