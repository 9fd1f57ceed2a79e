using Unlearn.MLNet.Reports.Sections;
using Unlearn.Transforms;
using Unlearn.Transforms.Rows;

namespace Unlearn.MLNet;

/// <summary>What a study does.</summary>
public sealed record StudyOptions
{
    /// <summary>Name of the study, for headings.</summary>
    public required string Title { get; init; }

    /// <summary>How the target is trained, and retrained: a <see cref="TorchRecipe"/>, an <see cref="EstimatorRecipe"/> for any estimator of ML.NET, or one of your own.</summary>
    public required ITrainingRecipe Recipe { get; init; }

    /// <summary>The unlearners, and how many trials of each.</summary>
    public required IReadOnlyList<UnlearnerPlan> Unlearners { get; init; }

    /// <summary>The factors. One that the target cannot give is an error.</summary>
    /// <value>Default: those of <see cref="HardnessFactors.Default"/> that the target can give, and those of tier <see cref="FactorTier.T3"/> where <see cref="ReferenceModels"/> is not 0.</value>
    public IReadOnlyList<IHardnessFactor>? Factors { get; init; }

    /// <summary>
    /// Number of reference models that are trained for factors of tier <see cref="FactorTier.T3"/>, at least 4, or 0 for none. They are never the models
    /// of trials; see <see cref="ReferenceModels"/>.
    /// </summary>
    /// <value>Default 0.</value>
    public int ReferenceModels { get; init; }

    /// <summary>Rows that some unlearners also forget one at a time, to compare with groups. Their trials have a ledger of their own beside <see cref="LedgerPath"/>.</summary>
    /// <value>Default <see langword="null"/>: none.</value>
    public SingleRowOptions? SingleRows { get; init; }

    /// <summary>How hardness models are trained and scored.</summary>
    public HardnessOptions Hardness { get; init; } = new();

    /// <summary>
    /// File of the ledger, which finished trials are kept in; running again with the same file goes on where it stopped, and several processes may
    /// run the same study on it at once. One study has one file: with other rows, another recipe, seed or options, a file that has trials is refused.
    /// </summary>
    public required string LedgerPath { get; init; }

    /// <summary>How failed trials, and ledgers with other plans, are dealt with.</summary>
    public TrialRunnerOptions Trials { get; init; } = new();

    /// <summary>Names of the classes, for reports.</summary>
    /// <value>Default: those of the rows, or the numbers of the classes from 0 where the rows have none.</value>
    public IReadOnlyList<string>? ClassNames { get; init; }

    /// <summary>Root seed.</summary>
    /// <value>Default 1.</value>
    public int Seed { get; init; } = 1;

    /// <summary>Workers that run trials at once, one core each. It changes the time, never the results.</summary>
    /// <value>Default: the number of processors.</value>
    public int Workers { get; init; } = Environment.ProcessorCount;
}
