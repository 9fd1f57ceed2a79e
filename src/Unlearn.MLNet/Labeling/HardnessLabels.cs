using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.MLNet.GroundTruth;
using Unlearn.MLNet.Trials.Planning;
using Unlearn.Transforms.Rows;

namespace Unlearn.MLNet.Labeling;

/// <summary>How hard each row was to unlearn, and how that was found out.</summary>
internal sealed record HardnessLabels
{
    /// <summary>Name of the row id column.</summary>
    public required string RowIdColumnName { get; init; }

    /// <summary>Ids of the rows, as text.</summary>
    public required IReadOnlyList<string> RowIds { get; init; }

    /// <summary>What stopped the trials.</summary>
    public StopReason StoppedBy => Trials.StoppedBy;

    /// <summary>Trials and ceiling of every unlearner at the end of every round.</summary>
    public IReadOnlyList<AdaptiveRound> Rounds => Trials.Rounds;

    /// <summary>Scores of each unlearner, in the order of <see cref="Modes"/>.</summary>
    public IReadOnlyList<HardnessScores> Scores => Trials.Scores;

    /// <summary>The trials: how many, what stopped them, the scores.</summary>
    public AdaptiveResult Trials { get; init; } = null!;

    /// <summary>For each unlearner whether it forgot single rows or groups, and why.</summary>
    public required IReadOnlyList<TrialModeChoice> Modes { get; init; }

    /// <summary>The strength of each approximate unlearner, and how it was found.</summary>
    /// <value>Default none: there is no approximate unlearner, or calibration was left out.</value>
    public IReadOnlyList<UnlearnerCalibration> Calibrations { get; init; } = [];

    /// <summary>For each unlearner its outcomes.</summary>
    public required IReadOnlyList<IReadOnlyList<OutcomeColumn>> Outcomes { get; init; }

    /// <inheritdoc cref="HardnessScorer.Baselines"/>
    public (IReadOnlyList<double>? Nothing, double Tolerance, IReadOnlyList<(double Mean, double Deviation)>? Retrained) Baselines { get; init; } =
        (null, double.NaN, null);

    /// <summary>Type of the row id column: text, or an integer.</summary>
    public required DataViewType RowIdType { get; init; }

    /// <summary>The labels as a data view; see <see cref="UnlearningHardnessCatalog"/> for the columns.</summary>
    public IDataView ToDataView()
    {
        var view = new ColumnDataView(RowIds.Count);
        AddRowIds(view);
        AddScore(view, 0, "HardnessScore", "HardnessScoreError", "Hard");
        view.Add("Labeled", [.. RowIds.Select(_ => true)], BooleanDataViewType.Instance);
        for (var i = 0; i < Outcomes.Count; i++)
        {
            var name = Trials.Scores[i].Unlearner;
            AddScore(view, i, $"{name}.Score", $"{name}.ScoreError", $"{name}.Hard");
            var run = Trials.Runs[i];
            AddConstant(view, LabelColumns.Seconds(name), (float)run.Run.Results.Average(result => result.TotalSeconds));
            AddConstant(view, LabelColumns.Strength(name), (float)(Calibrations.FirstOrDefault(of => of.Unlearner == name)?.Strength ?? 1));
            view.Add(LabelColumns.Exact(name), [.. RowIds.Select(_ => run.Unlearner.IsExact)], BooleanDataViewType.Instance);
            foreach (var outcome in Outcomes[i])
            {
                view.Add($"{name}.{outcome.Outcome}", Floats(outcome.Means));
                view.Add($"{name}.{outcome.Outcome}Error", Floats(outcome.StandardErrors));
                if (outcome.Outcome == Outcome.StepsToForget)
                    view.Add($"{name}.{outcome.Outcome}Censored", Floats(outcome.CensoredShares));
            }
        }
        AddConstant(view, LabelColumns.Tolerance, (float)Baselines.Tolerance);
        if (Baselines.Nothing is { } nothing)
            view.Add(LabelColumns.ResidualMemory(HardnessScorer.Nothing), Floats(nothing));
        if (Baselines.Retrained is { } retrained)
        {
            view.Add(LabelColumns.RetrainedMean, [.. retrained.Select(normal => (float)normal.Mean)]);
            view.Add(LabelColumns.RetrainedDeviation, [.. retrained.Select(normal => (float)normal.Deviation)]);
        }
        return view;
    }

    /// <summary>What stopped the trials, after how many, and how sure the labels are, in one line.</summary>
    public string Describe() => Trials.Describe();

    private void AddScore(ColumnDataView view, int unlearner, string score, string error, string hard)
    {
        var scores = Trials.Scores[unlearner];
        var column = Outcomes[unlearner].First(outcome => outcome.Outcome == scores.Outcome);
        view.Add(score, Floats(scores.All));
        view.Add(error, Floats(column.StandardErrors));
        view.Add(hard, [.. HardnessScores.Label(scores.All, Trials.Options.HardShare)], BooleanDataViewType.Instance);
    }

    private void AddConstant(ColumnDataView view, string name, float value) => view.Add(name, [.. RowIds.Select(_ => value)]);

    private void AddRowIds(ColumnDataView view)
    {
        switch (RowIdType.RawType)
        {
            case var type when type == typeof(int):
                view.Add(RowIdColumnName, Parse<int>(), RowIdType);
                break;
            case var type when type == typeof(long):
                view.Add(RowIdColumnName, Parse<long>(), RowIdType);
                break;
            case var type when type == typeof(uint):
                view.Add(RowIdColumnName, Parse<uint>(), RowIdType);
                break;
            case var type when type == typeof(ulong):
                view.Add(RowIdColumnName, Parse<ulong>(), RowIdType);
                break;
            default:
                view.Add(RowIdColumnName, [.. RowIds.Select(id => id.AsMemory())], RowIdType);
                break;
        }

        T[] Parse<T>() where T : IParsable<T> => [.. RowIds.Select(id => T.Parse(id, CultureInfo.InvariantCulture))];
    }

    private static float[] Floats(IReadOnlyList<double> values) => [.. values.Select(value => (float)value)];
}
