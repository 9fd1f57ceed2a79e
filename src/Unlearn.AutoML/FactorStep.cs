using Microsoft.ML;
using Unlearn.Transforms;

namespace Unlearn.AutoML;

/// <summary>The factors of a trial: options that all trials share, and the set of factors that the trial chooses.</summary>
internal sealed class FactorStep
{
    private readonly UnlearnFactorsEstimator.Options _options;
    private readonly IReadOnlyDictionary<string, IReadOnlyList<IHardnessFactor>> _sets;

    /// <exception cref="ArgumentException">
    /// An option is missing or out of range, there is no set, or a set holds a factor that the target cannot give.
    /// </exception>
    public FactorStep(UnlearnFactorsEstimator.Options options, IReadOnlyDictionary<string, IReadOnlyList<IHardnessFactor>>? sets)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Target is not { } target)
            throw new ArgumentException("Must be set: the trained target whose rows are to be audited.", nameof(options.Target));
        if (sets is { Count: 0 })
            throw new ArgumentException("There is no set of factors to choose from: name one, or leave the argument out.", nameof(sets));
        if (sets is not null && options.Factors is not null)
            throw new ArgumentException(
                $"Factors are given as {nameof(options.Factors)} and as sets: give one of the two, with {nameof(options.Factors)} among the sets.",
                nameof(sets));
        _options = options.Copy();
        _sets = sets ?? Default(options.Factors, target);
        foreach (var name in _sets.Keys)
            Create(new MLContext(), name); // what is wrong is said before the first trial
    }

    public IEnumerable<string> Names => _sets.Keys.Order(StringComparer.Ordinal);

    /// <summary>The estimator of a trial.</summary>
    /// <param name="trial">The trial's own context.</param>
    /// <param name="set">Name of the set of factors.</param>
    public UnlearnFactorsEstimator Create(MLContext trial, string set)
    {
        var options = _options.Copy();
        options.Factors = _sets[set];
        return trial.Transforms.UnlearnFactors(options);
    }

    private static Dictionary<string, IReadOnlyList<IHardnessFactor>> Default(IReadOnlyList<IHardnessFactor>? factors, ITarget target)
    {
        if (factors is not null)
            return new() { ["given"] = factors };
        var sets = new Dictionary<string, IReadOnlyList<IHardnessFactor>> { ["default"] = HardnessFactors.DefaultFor(target) };
        if (HardnessFactors.Core.All(factor => (factor.Requires & ~target.Capabilities) == 0))
            sets.Add("core", HardnessFactors.Core);
        return sets;
    }
}
