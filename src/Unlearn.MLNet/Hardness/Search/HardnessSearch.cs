using Unlearn.MLNet.Hardness.Search;
using Unlearn.Transforms;

namespace Unlearn.MLNet;

/// <summary>Searches settings of FastTree and LightGBM for a hardness model, within a budget of time or trials.</summary>
/// <remarks>
/// The first trial is FastTree with its default settings. Then FastTree and LightGBM take turns, each on a walk of its own that begins at few and small
/// trees; see <see cref="HardnessSearchOptions.DrawsAtRandom"/>. Every trial is scored on the same grouped folds. The same seed and number of trials
/// give the same result, resumed or not; a budget of time gives what the machine allows.
/// </remarks>
public static class HardnessSearch
{
    // A walk that turns round and round within one setting's rounding must end.
    private const int MostRepetitions = 1000;

    /// <summary>Runs the search on threads of the pool.</summary>
    /// <param name="factors">The factor columns; nothing else becomes a feature.</param>
    /// <param name="hard">Whether each row is hard.</param>
    /// <param name="groups">Group of each row; a group never straddles two folds.</param>
    /// <param name="options">Options; a budget, a number of trials or both.</param>
    /// <param name="progress">Gets each trial when it is finished.</param>
    /// <param name="cancellationToken">Stops the search. Finished trials stay in the file of <see cref="HardnessSearchOptions.JournalPath"/>.</param>
    /// <exception cref="ArgumentException">
    /// An option is outside its range, nothing limits the search, lengths differ, a value is NaN, or folds lack groups or one of the two classes.
    /// </exception>
    /// <exception cref="InvalidOperationException">The file of trials is of other rows, folds or seeds, or is damaged.</exception>
    public static Task<HardnessSearchResult> RunAsync(
        IReadOnlyList<FactorColumn> factors, IReadOnlyList<bool> hard, IReadOnlyList<int> groups, HardnessSearchOptions options,
        IProgress<HardnessTrial>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        var rows = new SearchRows(factors, hard, groups, options.Folds, options.Seed);
        var journal = new SearchJournal(options.JournalPath, rows.Hash());
        return Task.Run(() => Run(rows, journal, options, progress, cancellationToken), cancellationToken);
    }

    private static HardnessSearchResult Run(
        SearchRows rows, SearchJournal journal, HardnessSearchOptions options, IProgress<HardnessTrial>? progress, CancellationToken cancellationToken)
    {
        var clock = TimeProvider.System;
        var start = clock.GetTimestamp();
        var scores = new Dictionary<TrainerSettings, double>();
        var trials = new List<HardnessTrial>();
        var best = TrainerSettings.Default;
        foreach (var settings in Settings(options, settings => scores[settings]))
        {
            if (scores.ContainsKey(settings))
                continue;
            if (trials.Count > 0 && (trials.Count >= options.MostTrials || journal.Find(settings) is null && clock.GetElapsedTime(start) >= options.Budget))
                break;
            cancellationToken.ThrowIfCancellationRequested();
            var entry = journal.Find(settings) ?? Try(settings);
            scores.Add(settings, entry.Auc);
            var isBest = trials.Count == 0 || entry.Auc > scores[best];
            best = isBest ? settings : best;
            var trial = new HardnessTrial
            {
                Number = trials.Count,
                Trainer = settings.ToTrainer().Name,
                Auc = entry.Auc,
                Seconds = entry.Seconds,
                IsBest = isBest,
            };
            trials.Add(trial);
            progress?.Report(trial);
        }
        return new() { Trainer = best.ToTrainer(), Auc = scores[best], DefaultAuc = scores[TrainerSettings.Default], Trials = trials };

        SearchJournal.Entry Try(TrainerSettings settings)
        {
            var begin = clock.GetTimestamp();
            var auc = rows.Auc(settings.ToTrainer(), options.Workers, cancellationToken);
            var entry = new SearchJournal.Entry(settings, auc, clock.GetElapsedTime(begin).TotalSeconds);
            journal.Add(entry);
            return entry;
        }
    }

    /// <summary>Settings to try, without end unless the walks come to rest. Each is scored before the next is asked for.</summary>
    private static IEnumerable<TrainerSettings> Settings(HardnessSearchOptions options, Func<TrainerSettings, double> score)
    {
        yield return TrainerSettings.Default;
        var random = new SeededRandom(Seed.Derive(options.Seed, "hardness search"));
        FrugalWalk[] walks = [.. Enumerable.Range(0, 2).Select(i => new FrugalWalk(TrainerSettings.Cheap, Seed.Derive(options.Seed, "walk", i)))];
        var seen = new HashSet<TrainerSettings>();
        for (var (turn, repetitions) = (0, 0); repetitions < MostRepetitions; turn++)
        {
            var walk = walks[turn % 2];
            var point = options.DrawsAtRandom ? [.. Enumerable.Range(0, TrainerSettings.Dimensions).Select(_ => random.NextDouble())] : walk.Propose();
            var settings = TrainerSettings.At(turn % 2 == 1, point);
            repetitions = seen.Add(settings) ? 0 : repetitions + 1;
            yield return settings;
            if (!options.DrawsAtRandom)
                walk.Tell(score(settings));
        }
    }
}
