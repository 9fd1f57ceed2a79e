using Unlearn.Cli.Settings;
using Unlearn.Cli.Studies;
using Unlearn.Cli.Tables;
using Unlearn.Transforms;

namespace Unlearn.Cli.Loading;

/// <summary>Chooses a table's training and test rows: those that a column names, or a seeded draw. Both stay in the order of the file.</summary>
internal static class RowDraw
{
    private const double TrainingShare = 0.75;

    /// <summary>Draws rows.</summary>
    /// <returns>Places of the rows, and what to say of the test rows that were left out.</returns>
    /// <exception cref="ArgumentException">There are fewer rows than were asked for.</exception>
    public static (int[] Training, int[] Test, string? Note) Draw(UnderstoodTable table, SettingValues settings, int seed)
    {
        var (asked, askedTest) = (settings.Integer(KnownSettings.Rows), settings.Integer(KnownSettings.TestRows));
        var (most, mostTest) = (asked ?? SampleSizes.Rows.Of(settings.Size), askedTest ?? SampleSizes.TestRows.Of(settings.Size));
        int[] training, test;
        if (table.Of(ColumnKind.Split).FirstOrDefault() is { } split)
        {
            var isTraining =
                table.Rows.ToLookup(row => table.Raw.Rows[row][split.Place]?.Trim().StartsWith("train", StringComparison.OrdinalIgnoreCase) == true);
            Check(isTraining[true].Any() && isTraining[false].Any(),
                $"The column '{split.Name}' of '{table.Path}' must say train in some rows and test in others.");
            training = Shuffled(isTraining[true], seed);
            test = Shuffled(isTraining[false], seed);
        }
        else
        {
            var all = Shuffled(table.Rows, seed);
            var cut = asked is null ? (int)Math.Min(most, TrainingShare * all.Length) : asked.Value;
            Check(cut <= all.Length, $"{cut} training rows were asked for, but '{table.Path}' has {all.Length} rows with a label: ask for fewer --rows.");
            (training, test) = (all[..cut], all[cut..]);
            Check(test.Length > 0, $"'{table.Path}' has no row left to test on: ask for fewer --rows than its {all.Length}.");
        }
        Check(asked is null || training.Length >= asked,
            $"{asked} training rows were asked for, but '{table.Path}' has {training.Length}: ask for fewer --rows.");
        Check(askedTest is null || test.Length >= askedTest,
            $"{askedTest} test rows were asked for, but '{table.Path}' has {test.Length} left: ask for fewer --test-rows or --rows.");
        training = [.. training.Take(most).Order()];
        var classes = training.Select(table.LabelOf).ToHashSet(StringComparer.Ordinal);
        Check(classes.Count >= 2, $"The {training.Length} training rows of '{table.Path}' are all of one class: ask for more --rows.");
        int[] known = [.. test.Where(row => classes.Contains(table.LabelOf(row)))];
        Check(known.Length > 0, $"No test row of '{table.Path}' is of a class that training rows have: ask for more --rows.");
        return (training, [.. known.Take(mostTest).Order()], known.Length < test.Length
            ? $"{test.Length - known.Length} rows are of classes that no training row has: left out."
            : null);
    }

    private static int[] Shuffled(IEnumerable<int> rows, int seed)
    {
        int[] shuffled = [.. rows];
        new SeededRandom(Seed.Derive(seed, "rows")).Shuffle(shuffled.AsSpan());
        return shuffled;
    }

    private static void Check(bool isRight, string message)
    {
        if (!isRight)
            throw new ArgumentException(message);
    }
}
