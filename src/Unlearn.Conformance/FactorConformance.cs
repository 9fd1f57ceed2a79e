using Microsoft.ML;
using Unlearn.Transforms;
using static Unlearn.Conformance.ColumnValues;

namespace Unlearn.Conformance;

/// <summary>The rules that every hardness factor obeys: rules for its estimator, and rules for the factor itself.</summary>
public static class FactorConformance
{
    private const string RowId = "RowId";

    /// <summary>All rules, for one factor.</summary>
    /// <param name="subject">The factor.</param>
    public static IReadOnlyList<ConformanceCheck> Checks(FactorSubject subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        return
        [
            new("It says what it is", () => SaysWhatItIs(subject.Factor)),
            new("Values are finite", () => ValuesAreFinite(subject)),
            new("A value does not depend on the rows around it", () => ValuesDependOnTheRowAlone(subject)),
            new("The order of the training rows changes nothing", () => OrderChangesNothing(subject)),
            new("A factor that needs no label does not change with it", () => LabelMattersOnlyWhereSaid(subject)),
            new("A factor that needs no row id does not change with it", () => RowIdMattersOnlyWhereSaid(subject)),
            .. EstimatorConformance.Checks(new()
            {
                CreateEstimator = context => Estimator(context, subject),
                CreateData = subject.CreateData,
                InputColumnNames = subject.Factor.Tier >= FactorTier.T2 ? ["Features", "Label", RowId] : ["Features", "Label"],
                OutputColumnNames = [subject.Factor.Name, "UnlearnFactors"],
                Tolerance = subject.Tolerance,
            }),
        ];
    }

    private static UnlearnFactorsEstimator Estimator(MLContext context, FactorSubject subject, params IHardnessFactor[] companions) =>
        context.Transforms.UnlearnFactors(new UnlearnFactorsEstimator.Options
        {
            Target = subject.Target,
            References = subject.References,
            Factors = [subject.Factor, .. companions],
            BatchSize = 16,
            Seed = 1,
            KeepUndefined = true,
        });

    private static void SaysWhatItIs(IHardnessFactor factor)
    {
        Require(factor.Name.Length > 0 && char.IsAsciiLetterUpper(factor.Name[0]) && factor.Name.All(char.IsAsciiLetterOrDigit),
            $"its name '{factor.Name}' is not in Pascal case");
        Require(!string.IsNullOrWhiteSpace(factor.Formula), "it has no formula");
        Require(!string.IsNullOrWhiteSpace(factor.Cost), "it does not say what it costs");
        Require(!string.IsNullOrWhiteSpace(factor.Source), "it does not say where it comes from");
        Require(factor.Tier != FactorTier.T0 || factor.Statistic is null && (factor.Requires & ~TargetCapabilities.Logits) == 0,
            "a factor of tier T0 needs nothing but a forward pass");
        Require(factor.Tier < FactorTier.T2 || factor.NeedsRowId, $"a factor of tier {factor.Tier} must know the row by its id");
        Require(factor.Statistic is null || factor.Statistic.Name.Length > 0 && !factor.Statistic.Name.Contains('/', StringComparison.Ordinal),
            "its statistic's name is empty or has a slash");
        Require(ReferenceEquals(HardnessFactors.Find(factor.Name), factor), $"another factor is registered as '{factor.Name}'");
    }

    private static void ValuesAreFinite(FactorSubject subject)
    {
        foreach (var (id, values) in Values(subject, data => data))
            Require(values.All(float.IsFinite), $"row '{id}' has {string.Join(", ", values)}");
    }

    private static void ValuesDependOnTheRowAlone(FactorSubject subject)
    {
        var all = Values(subject, data => data);
        var some = Values(subject, data => new MLContext(1).Data.TakeRows(data, 7));
        foreach (var (id, values) in some)
            RequireEqual(all[id], values, subject.Tolerance, $"row '{id}' among other rows");
    }

    private static void OrderChangesNothing(FactorSubject subject)
    {
        var context = new MLContext(1);
        var data = context.Data.Cache(subject.CreateData(context));
        var shuffled = Estimator(context, subject).Fit(context.Data.ShuffleRows(data, seed: 4));
        RequireEqual(Values(subject, rows => rows), Read(shuffled.Transform(data), RowId, subject.Factor.Name), subject.Tolerance,
            subject.Factor.Name, "after a fit on shuffled rows");
    }

    private static void LabelMattersOnlyWhereSaid(FactorSubject subject)
    {
        if (subject.Factor.NeedsLabel)
            return;
        var context = new MLContext(1);
        var data = subject.CreateData(context);
        // A label-dependent companion makes the label known to the whole batch.
        var output = Estimator(context, subject, HardnessFactors.Loss).Fit(data).Transform(data);
        var together = Read(output, RowId, "UnlearnFactors").ToDictionary(row => row.Key, row => row.Value[..1]);
        RequireEqual(Read(output, RowId, subject.Factor.Name), together, subject.Tolerance, subject.Factor.Name, "where the label is known");
    }

    private static void RowIdMattersOnlyWhereSaid(FactorSubject subject)
    {
        if (subject.Factor.NeedsRowId)
            return;
        var context = new MLContext(1);
        var data = subject.CreateData(context);
        var model = Estimator(context, subject).Fit(data);
        var probe = new ProbeDataView(data);
        var output = model.Transform(probe);
        using (var cursor = output.GetRowCursor([output.Schema[subject.Factor.Name]]))
            cursor.MoveNext();
        Require(!probe.Asked.Contains(RowId), "it reads the row id without saying so");
    }

    /// <summary>Fits on all rows, and computes the factor for what is made of them.</summary>
    private static Dictionary<string, float[]> Values(FactorSubject subject, Func<IDataView, IDataView> rows)
    {
        var context = new MLContext(1);
        var data = subject.CreateData(context);
        return Read(Estimator(context, subject).Fit(data).Transform(rows(data)), RowId, subject.Factor.Name);
    }
}
