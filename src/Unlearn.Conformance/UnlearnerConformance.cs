using TorchSharp;
using Unlearn.MLNet;
using static Unlearn.Conformance.ColumnValues;

namespace Unlearn.Conformance;

/// <summary>The rules that every unlearner obeys.</summary>
public static class UnlearnerConformance
{
    private const int LongestName = 64;
    private const long Seed = 11;

    private static readonly double[] Strengths = [0.25, 0.5, 1, 2, 8];

    /// <summary>All rules, for one unlearner.</summary>
    /// <param name="subject">The unlearner.</param>
    public static IReadOnlyList<ConformanceCheck> Checks(UnlearnerSubject subject)
    {
        ArgumentNullException.ThrowIfNull(subject);
        return
        [
            new("It says what it is", () => SaysWhatItIs(subject)),
            new("The same request gives the same model, bit for bit", () => SameRequestGivesTheSame(subject)),
            new("Several threads do not disturb each other", () => ThreadsDoNotDisturb(subject)),
            new("The target stays as it is", () => TargetStays(subject)),
            new("Answers are finite, for other seeds as well", () => AnswersAreFinite(subject)),
            new("A single row, and nearly all rows, are unlearned or refused", () => SizesAreHandled(subject)),
            new("Its strength is one dial", () => StrengthIsOneDial(subject)),
            new("Watching the steps changes nothing", () => WatchingChangesNothing(subject)),
            new("It can be canceled", () => CanBeCanceled(subject)),
            new("No tensor is left behind", () => NoTensorIsLeft(subject)),
        ];
    }

    private static void SaysWhatItIs(UnlearnerSubject subject)
    {
        var (first, second) = (subject.CreateUnlearner(), subject.CreateUnlearner());
        Require(first.Name is { Length: > 0 and <= LongestName } name
            && name.All(sign => char.IsAsciiLetterOrDigit(sign) || sign is '-' or '_' or '+' or '.')
            && name[0] != '.'
            && name[^1] != '.',
            $"its name '{first.Name}' is no name of a file on every system: take 1 to {LongestName} ASCII letters, digits and - _ + .");
        Require(!string.IsNullOrWhiteSpace(first.Specification), "its specification is empty");
        Require(first.Name == second.Name && first.Specification == second.Specification, "its name or specification is another each time");
        Require(!first.MakesRetrainPool || first.IsExact, "it makes a retrain pool, but is not exact");
    }

    private static void SameRequestGivesTheSame(UnlearnerSubject subject)
    {
        var first = State(subject, subject.Forget);
        Require(first.AsSpan().SequenceEqual(State(subject, subject.Forget)), "a second run gives another model");
        Require(first.AsSpan().SequenceEqual(State(subject, [.. subject.Forget.Reverse()])), "another order of the rows to forget gives another model");
    }

    private static void ThreadsDoNotDisturb(UnlearnerSubject subject)
    {
        var unlearner = subject.CreateUnlearner();
        var rows = subject.Forget.Take(2).ToList();
        var alone = rows.SelectMany(row => OnThreads([row])).ToList();
        var together = OnThreads(rows);
        Require(alone.Zip(together).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second)), "side by side it gives another model than alone");

        IReadOnlyList<byte[]> OnThreads(IReadOnlyList<int> forget)
        {
            var states = new byte[forget.Count][];
            Exception? failure = null;
            Thread[] threads = [.. forget.Select((row, number) => new Thread(() =>
            {
                try
                {
                    // As in trials: results depend on how many threads Torch takes for one operation.
                    _ = torch.get_num_threads();
                    torch.set_num_threads(1);
                    states[number] = State(subject, [row], unlearner);
                }
                catch (Exception thrown)
                {
                    failure = thrown;
                }
            }))];
            Array.ForEach(threads, thread => thread.Start());
            Array.ForEach(threads, thread => thread.Join());
            Require(failure is null, $"on {threads.Length} threads it throws {failure?.GetType().Name}: {failure?.Message}");
            return states;
        }
    }

    private static void TargetStays(UnlearnerSubject subject)
    {
        var before = ModelState.Of(subject.Target, subject.Rows);
        using (var unlearned = Unlearn(subject, subject.Forget))
        {
            Require(!ReferenceEquals(unlearned.Model, subject.Target) && !ReferenceEquals(unlearned.Original, subject.Target),
                "it gives the target itself, which its caller would dispose: give a clone");
            Require(before.AsSpan().SequenceEqual(ModelState.Of(subject.Target, subject.Rows)), "the target is changed");
        }
        Require(before.AsSpan().SequenceEqual(ModelState.Of(subject.Target, subject.Rows)), "disposing what it made changes the target");
    }

    private static void AnswersAreFinite(UnlearnerSubject subject)
    {
        foreach (var seed in (long[])[Seed, 0, long.MinValue])
        {
            using var unlearned = Unlearn(subject, subject.Forget, seed);
            Require((unlearned.Model.ClassCount, unlearned.Model.FeatureCount) == (subject.Target.ClassCount, subject.Target.FeatureCount),
                "the model has other classes or features than the target");
            Require(ModelState.IsFinite(unlearned.Model, subject.Rows), $"with seed {seed} the model's answers are not finite");
        }
    }

    private static void SizesAreHandled(UnlearnerSubject subject)
    {
        foreach (var forget in (int[][])[[subject.Forget[0]], [.. Enumerable.Range(0, subject.Rows.Count - 2)]])
        {
            try
            {
                using var unlearned = Unlearn(subject, forget);
                Require(ModelState.IsFinite(unlearned.Model, subject.Rows),
                    $"after forgetting {forget.Length} of {subject.Rows.Count} rows the model's answers are not finite");
            }
            catch (Exception refusal) when (refusal is ArgumentException or Transforms.TrainingDivergedException)
            {
                Require(refusal.Message.Length > 0, "it refuses without a reason");
            }
        }
    }

    private static void StrengthIsOneDial(UnlearnerSubject subject)
    {
        if (subject.CreateUnlearner() is not IAdjustableUnlearner unlearner)
            return;
        Require(!unlearner.IsExact, "it is exact, so a strength has nothing to change");
        Require(!string.IsNullOrWhiteSpace(unlearner.StrengthScales), "it does not say what its strength scales");
        Require(unlearner.WithStrength(1).Specification == unlearner.Specification, "strength 1 gives another specification than its own");
        List<IUnlearner> ladder = [.. Strengths.Select(unlearner.WithStrength)];
        Require(ladder.TrueForAll(other => other.Name == unlearner.Name && !other.IsExact), "another strength has another name, or is exact");
        Require(ladder.TrueForAll(other => other is IBatchUnlearner == unlearner is IBatchUnlearner),
            "another strength serves batches where it does not, or the reverse");
        Require(ladder.TrueForAll(other => other is IAdjustableUnlearner), "another strength has no strength of its own");
        Require(ladder.DistinctBy(other => other.Specification).Count() == ladder.Count, "two strengths have the same specification");
        foreach (var strength in (double[])[0, -1, double.NaN, double.PositiveInfinity])
            Require(Refuses(unlearner, strength), $"strength {strength} is not refused with an {nameof(ArgumentOutOfRangeException)}");
        foreach (var other in (IUnlearner[])[ladder[0], ladder[^1]])
        {
            try
            {
                using var unlearned = other.Unlearn(Request(subject, subject.Forget, Seed), CancellationToken.None);
                Require(ModelState.IsFinite(unlearned.Model, subject.Rows), $"{other.Specification}: the model's answers are not finite");
            }
            catch (Transforms.TrainingDivergedException refusal)
            {
                Require(refusal.Message.Length > 0, "it diverges without a reason");
            }
        }

        static bool Refuses(IAdjustableUnlearner unlearner, double strength)
        {
            try
            {
                unlearner.WithStrength(strength);
                return false;
            }
            catch (ArgumentOutOfRangeException)
            {
                return true;
            }
        }
    }

    private static void WatchingChangesNothing(UnlearnerSubject subject)
    {
        List<int> steps = [];
        var request = new UnlearningRequest(subject.Target, subject.Recipe, subject.Rows, subject.Forget, Seed)
        {
            AfterStep = (step, confidences) =>
            {
                Require(confidences().Count == subject.Forget.Count, "a step does not show one confidence for each row to forget");
                steps.Add(step);
            },
        };
        using var watched = subject.CreateUnlearner().Unlearn(request, CancellationToken.None);
        Require(ModelState.Of(watched.Model, subject.Rows).AsSpan().SequenceEqual(State(subject, subject.Forget)), "watched, it gives another model");
        Require(steps.SequenceEqual(Enumerable.Range(1, steps.Count)), $"the numbers of the steps are {string.Join(", ", steps)}, not 1, 2, 3 and so on");
    }

    private static void CanBeCanceled(UnlearnerSubject subject)
    {
        try
        {
            subject.CreateUnlearner().Unlearn(Request(subject, subject.Forget, Seed), new CancellationToken(canceled: true)).Dispose();
        }
        catch (OperationCanceledException)
        {
            return;
        }
        throw new ConformanceException("it went through");
    }

    private static void NoTensorIsLeft(UnlearnerSubject subject)
    {
        Unlearn(subject, subject.Forget).Dispose();
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (var repetition = 0; repetition < 3; repetition++)
            Unlearn(subject, subject.Forget).Dispose();
        var left = DisposeScopeManager.Statistics.ThreadTotalLiveCount - before;
        Require(left <= 0, $"three runs leave {left} tensors behind");
    }

    private static byte[] State(UnlearnerSubject subject, IReadOnlyList<int> forget, IUnlearner? unlearner = null)
    {
        using var unlearned = (unlearner ?? subject.CreateUnlearner()).Unlearn(Request(subject, forget, Seed), CancellationToken.None);
        return ModelState.Of(unlearned.Model, subject.Rows);
    }

    private static UnlearnedModel Unlearn(UnlearnerSubject subject, IReadOnlyList<int> forget, long seed = Seed) =>
        subject.CreateUnlearner().Unlearn(Request(subject, forget, seed), CancellationToken.None);

    private static UnlearningRequest Request(UnlearnerSubject subject, IReadOnlyList<int> forget, long seed) =>
        new(subject.Target, subject.Recipe, subject.Rows, forget, seed);
}
