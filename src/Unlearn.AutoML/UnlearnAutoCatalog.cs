using Microsoft.ML.SearchSpace.Option;
using Unlearn.AutoML;
using Unlearn.MLNet;
using Unlearn.Transforms;

namespace Microsoft.ML.AutoML;

/// <summary>Adds the hardness factors, and experiments for hardness models, to AutoML.</summary>
public static class UnlearnAutoCatalog
{
    private const string FactorsOption = "Factors";

    /// <summary>
    /// The hardness factors as a step of a sweepable pipeline; the tuner chooses among sets of factors. Each trial makes its estimator from the trial's own
    /// context, so that the end of the trial's time stops it, too.
    /// </summary>
    /// <remarks>
    /// AutoML fits the factors anew in every trial and fold. Where only the model behind them is searched, compute the factors once and use
    /// <see cref="CreateHardnessExperiment"/>.
    /// </remarks>
    /// <param name="catalog">AutoML's catalog.</param>
    /// <param name="options">
    /// Options of the factors. They are copied. <see cref="UnlearnFactorsEstimator.Options.Factors"/> is a set of its own where it is not null.
    /// </param>
    /// <param name="factorSets">
    /// Sets of factors by name, at least one. Default: <see cref="UnlearnFactorsEstimator.Options.Factors"/> alone where they are given, else the target's
    /// default factors and, where the target can give them, <see cref="HardnessFactors.Core"/>.
    /// </param>
    /// <exception cref="ArgumentException">
    /// An option is missing or out of range, there is no set, or a set holds a factor that the target cannot give.
    /// </exception>
    public static SweepableEstimator UnlearnFactors(
        this AutoCatalog catalog, UnlearnFactorsEstimator.Options options, IReadOnlyDictionary<string, IReadOnlyList<IHardnessFactor>>? factorSets = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        var step = new FactorStep(options, factorSets);
        var space = new Microsoft.ML.SearchSpace.SearchSpace { [FactorsOption] = new ChoiceOption([.. step.Names]) };
        return new((context, parameter) => step.Create(context, parameter[FactorsOption].AsType<string>()), space);
    }

    /// <summary>An experiment that searches the trainer of a hardness model: FastTree, FastForest and LightGBM, by the AUC on grouped folds.</summary>
    /// <param name="catalog">AutoML's catalog.</param>
    /// <param name="options">
    /// A budget of time, of whole seconds, a number of trials, or both. <see cref="HardnessSearchOptions.JournalPath"/> must not be set: AutoML's own
    /// checkpoints fail where there are several trainers.
    /// </param>
    /// <exception cref="ArgumentException">An option is out of range, or nothing limits the experiment.</exception>
    public static HardnessExperiment CreateHardnessExperiment(this AutoCatalog catalog, HardnessSearchOptions options)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new(catalog, options);
    }
}
