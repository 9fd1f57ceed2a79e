using Unlearn.MLNet;
using Unlearn.Transforms;

namespace Unlearn.Cli.Studies;

/// <summary>A study that is ready to run.</summary>
internal sealed record StudyPlan
{
    public required StudyData Data { get; init; }

    public required ITrainingRecipe Recipe { get; init; }

    public required IReadOnlyList<UnlearnerPlan> Unlearners { get; init; }

    /// <summary>The factors, without those of tier T3; <see langword="null"/> for those that the target can give.</summary>
    public IReadOnlyList<IHardnessFactor>? Factors { get; init; }

    public int ReferenceModels { get; init; }

    public HardnessOptions Hardness { get; init; } = new();

    /// <summary>Rows that some unlearners also forget one at a time; 0 for none.</summary>
    public int SingleRows { get; init; }

    /// <summary>The unlearners that forget single rows, those of them that the study has.</summary>
    public IReadOnlyList<string> SingleRowUnlearners { get; init; } = [];

    public int Seed { get; init; } = 1;

    public int Workers { get; init; } = Environment.ProcessorCount;

    public bool RetryFailed { get; init; }

    /// <summary>Whether approximate unlearners get the strength that forgets best.</summary>
    public bool IsCalibrated { get; init; } = true;

    public required string Output { get; init; }

    /// <summary>Who runs the trials; <see langword="null"/> for this process.</summary>
    public TrialCluster? Cluster { get; init; }

    /// <summary>The study's options.</summary>
    public StudyOptions ToOptions() => new()
    {
        Title = Data.Title,
        Recipe = Recipe,
        Unlearners = Unlearners,
        Factors = Factors is null ? null : [.. Factors, .. HardnessFactors.All.Where(factor => ReferenceModels > 0 && factor.Tier == FactorTier.T3)],
        ReferenceModels = ReferenceModels,
        Hardness = Hardness,
        SingleRows = ToSingleRows(),
        ClassNames = Data.ClassNames,
        LedgerPath = Path.Combine(Output, StudyRun.Ledger),
        Cluster = Cluster,
        Trials = new TrialRunnerOptions { RetryFailed = RetryFailed },
        Calibration = IsCalibrated ? new() : null,
        Seed = Seed,
        Workers = Workers,
    };

    private SingleRowOptions? ToSingleRows()
    {
        string[] names = [.. SingleRowUnlearners.Intersect(Unlearners.Select(plan => plan.Unlearner.Name), StringComparer.Ordinal)];
        return SingleRows == 0 || names.Length == 0 ? null : new() { Unlearners = names, Rows = Math.Min(SingleRows, Data.Rows.Count) };
    }
}
