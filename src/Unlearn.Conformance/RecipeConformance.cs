using Unlearn.Transforms;
using static Unlearn.Conformance.ColumnValues;

namespace Unlearn.Conformance;

/// <summary>The rules that every training recipe obeys.</summary>
public static class RecipeConformance
{
    private const long Seed = 5;

    /// <summary>All rules, for one recipe.</summary>
    /// <param name="subject">The recipe.</param>
    public static IReadOnlyList<ConformanceCheck> Checks(RecipeSubject subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        return
        [
            new("The same seed gives the same model, bit for bit", () => SameSeedGivesTheSame(subject)),
            new("The target is one for the rows", () => TargetFitsTheRows(subject)),
            new("Rows at no position have no influence", () => OtherRowsHaveNoInfluence(subject)),
            new("The rows stay as they are", () => RowsStay(subject)),
            new("Its specification tells recipes apart", () => SpecificationTellsApart(subject)),
            new("No positions are refused", () => NoPositionsAreRefused(subject)),
            new("It can be canceled", () => CanBeCanceled(subject)),
        ];
    }

    private static void SameSeedGivesTheSame(RecipeSubject subject)
    {
        var all = Positions(subject.Rows.Count);
        var first = State(subject, subject.Rows, all);
        Require(first.AsSpan().SequenceEqual(State(subject, subject.Rows, all)), "a second training gives another model");
        using var watched = subject.CreateRecipe().Train(subject.Rows, all, Seed, new Silence());
        Require(first.AsSpan().SequenceEqual(ModelState.Of(watched, subject.Rows)), "a training that reports its progress gives another model");
    }

    private static void TargetFitsTheRows(RecipeSubject subject)
    {
        foreach (var seed in (long[])[Seed, 0, long.MinValue])
        {
            using var target = subject.CreateRecipe().Train(subject.Rows, Positions(subject.Rows.Count), seed);
            Require(target.ClassCount == subject.Rows.ClassCount && target.FeatureCount == subject.Rows.FeatureCount,
                $"the target has {target.ClassCount} classes and {target.FeatureCount} features");
            Require(target.ClassNames is not { } names || subject.Rows.ClassNames is not { } own || names.SequenceEqual(own),
                "the target's class names are not those of the rows");
            Require(ModelState.IsFinite(target, subject.Rows), $"with seed {seed} the target's answers are not finite");
        }
    }

    private static void OtherRowsHaveNoInfluence(RecipeSubject subject)
    {
        var rows = subject.Rows;
        var last = rows.Count - 1;
        using var altered = AlteredRows.With(rows, last);
        // The answers to compare are those to the same rows.
        Require(State(subject, rows, Positions(last)).AsSpan().SequenceEqual(State(subject, altered, Positions(last))),
            $"a change of row '{rows.Ids[last]}', which is not trained on, gives another model");
    }

    private static void RowsStay(RecipeSubject subject)
    {
        var before = subject.Rows.CopyFeatures();
        subject.CreateRecipe().Train(subject.Rows, Positions(subject.Rows.Count), Seed).Dispose();
        Require(before.AsSpan().SequenceEqual(subject.Rows.CopyFeatures()), "training changes the features of the rows");
    }

    private static void SpecificationTellsApart(RecipeSubject subject)
    {
        var own = subject.CreateRecipe().Specification;
        Require(!string.IsNullOrWhiteSpace(own), "it is empty");
        Require(own == subject.CreateRecipe().Specification, "it is another each time");
        var all = subject.Variants.Select(variant => variant.Specification).Prepend(own).ToList();
        if (all.GroupBy(text => text, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } repeated)
            throw new ConformanceException($"two recipes of other options have the specification '{repeated.Key}'");
    }

    private static void NoPositionsAreRefused(RecipeSubject subject)
    {
        try
        {
            subject.CreateRecipe().Train(subject.Rows, ReadOnlyMemory<int>.Empty, Seed).Dispose();
        }
        catch (ArgumentException)
        {
            return;
        }
        throw new ConformanceException("it trains on no rows");
    }

    private static void CanBeCanceled(RecipeSubject subject)
    {
        try
        {
            subject.CreateRecipe().Train(subject.Rows, Positions(subject.Rows.Count), Seed, cancellationToken: new CancellationToken(canceled: true)).Dispose();
        }
        catch (OperationCanceledException)
        {
            return;
        }
        throw new ConformanceException("it went through");
    }

    private static int[] Positions(int count) => [.. Enumerable.Range(0, count)];

    private static byte[] State(RecipeSubject subject, TrainingRows rows, int[] positions)
    {
        using var target = subject.CreateRecipe().Train(rows, positions, Seed);
        return ModelState.Of(target, subject.Rows);
    }

    private sealed class Silence : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
        }
    }
}
