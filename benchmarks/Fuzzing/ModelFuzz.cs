using Microsoft.ML;
using Unlearn.Transforms;

namespace Unlearn.Benchmarks.Fuzzing;

/// <summary>
/// Damages files of small models, and asks of each that it is refused by one type of exception, or works. A file whose bytes were changed blindly may work
/// only if it gives the factors that it gave before: hashes have to notice. One that was edited with right hashes may give others.
/// </summary>
/// <param name="subjects">The models.</param>
internal sealed class ModelFuzz(IReadOnlyList<FuzzSubject> subjects)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    // One for all files: a context looks through all assemblies when it loads its first model.
    private readonly MLContext _context = new(0);

    /// <summary>Files whose bytes were changed, and files with right hashes.</summary>
    public static readonly string[] Kinds = ["bytes", "entries"];

    /// <summary>What happened to a damaged file.</summary>
    /// <param name="Kind">How it was damaged.</param>
    /// <param name="What">The damage, in words.</param>
    /// <param name="IsRefused">Whether it was refused as it should be.</param>
    /// <param name="Failure">What went wrong; <see langword="null"/> if nothing did.</param>
    /// <param name="Seconds">How long it took.</param>
    /// <param name="Bytes">Managed memory that was asked for.</param>
    internal sealed record Case(string Kind, string What, bool IsRefused, string? Failure, double Seconds, long Bytes);

    /// <summary>Tries one damaged file, which follows from its number.</summary>
    public Case Run(int number, int seed = 0)
    {
        var random = new SeededRandom(Seed.Derive(seed, nameof(ModelFuzz), number));
        var subject = subjects[random.Next(subjects.Count)];
        var kind = Kinds[number % Kinds.Length];
        string what;
        byte[] file;
        if (kind == Kinds[0])
            (what, file) = FileEdit.Apply(subject.File, random);
        else
        {
            (what, var entries) = Edit(subject.Entries, random);
            file = CraftedModel.File(entries, subject.Data.Schema, subject.Kind);
        }
        what = $"{subject.Name}: {what}";
        var clock = System.Diagnostics.Stopwatch.StartNew();
        long bytes = 0;
        var task = Task.Run(() =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var outcome = Try(subject, file, mayDiffer: kind == Kinds[1]);
            bytes = GC.GetAllocatedBytesForCurrentThread() - before;
            return outcome;
        });
        return task.Wait(Longest)
            ? new(kind, what, task.Result.IsRefused, task.Result.Failure, clock.Elapsed.TotalSeconds, bytes)
            : new(kind, what, false, $"no answer within {Longest.TotalSeconds} s", clock.Elapsed.TotalSeconds, 0);
    }

    /// <summary>Factors that differed in their last bits alone.</summary>
    public List<string> Roundings { get; } = [];

    private (bool IsRefused, string? Failure) Try(FuzzSubject subject, byte[] file, bool mayDiffer)
    {
        ITransformer model;
        try
        {
            model = UnlearnModel.LoadFrom(_context, new MemoryStream(file), "fuzz", out _);
        }
        catch (Exception refusal) when (refusal is FormatException || refusal is InvalidOperationException && mayDiffer
            && (refusal.Message.Contains("which this process does not know", StringComparison.Ordinal)
                || refusal.Message.StartsWith("There is no hardness factor", StringComparison.Ordinal)))
        {
            return refusal.Message.Length < 3000 ? (true, null) : (true, $"a message of {refusal.Message.Length} characters");
        }
        catch (Exception other)
        {
            return (true, $"refused by {other.GetType()}: {other.Message}");
        }
        using (model as IDisposable)
        {
            try
            {
                var factors = subject.Read(model.Transform(subject.Data));
                var isSame = factors.Length == subject.Factors.Length && factors.Zip(subject.Factors).All(pair => pair.First.Length == pair.Second.Length
                    && pair.First.Zip(pair.Second).All(values => IsRounding(values.First, values.Second)));
                if (isSame && Difference(subject, factors) is { Length: > 0 } bits)
                    Roundings.Add(bits);
                return (false, isSame || mayDiffer ? null : $"other factors, silently: {Difference(subject, factors)}");
            }
            catch (Exception clear) when (mayDiffer && IsClear(clear))
            {
                return (true, null);
            }
            catch (Exception other)
            {
                return (false, $"loaded, but then {other.GetType()}: {other.Message}");
            }
        }
    }

    // Which bits come last is another test's; damage that a hash lets through moves more.
    private static bool IsRounding(float first, float second) => first.Equals(second) || Math.Abs(first - second) <= 1e-5f * (1 + Math.Abs(second));

    private static string Difference(FuzzSubject subject, float[][] factors)
    {
        var differing =
            from row in Enumerable.Range(0, Math.Min(factors.Length, subject.Factors.Length))
            from slot in Enumerable.Range(0, Math.Min(factors[row].Length, subject.Factors[row].Length))
            where !factors[row][slot].Equals(subject.Factors[row][slot])
            select Invariant($"value {slot} of row {row} of {subject.Name}: {subject.Factors[row][slot]:R} → {factors[row][slot]:R}");
        return string.Join("; ", differing.Take(3));
    }

    // Names of columns and classes may have been changed to others that a model can have.
    private static bool IsClear(Exception cause) => cause is ArgumentOutOfRangeException
        ? cause.Message.Contains("Could not find", StringComparison.Ordinal) || cause.Message.Contains("Schema mismatch", StringComparison.Ordinal)
        : cause is InvalidOperationException && (cause.Message.StartsWith("Label column", StringComparison.Ordinal)
            || cause.Message.StartsWith("The model gives NaN", StringComparison.Ordinal)
            || cause.Message.Contains("was taken for prob", StringComparison.Ordinal));

    private static (string What, IReadOnlyList<(string Name, byte[] Content)> Entries) Edit(
        IReadOnlyList<(string Name, byte[] Content)> entries, SeededRandom random)
    {
        List<(string Name, byte[] Content)> edited = [.. entries];
        var at = random.Next(edited.Count);
        var (name, content) = edited[at];
        switch (random.Next(12))
        {
            case 0:
                edited.RemoveAt(at);
                return ($"remove entry {name}", edited);
            case 1:
                edited.Add((name + "x", new byte[random.Next(2) == 0 ? 1 : 1 << 24]));
                return ($"add an entry beside {name}", edited);
            case 2:
                var other = random.Next(edited.Count);
                edited[at] = (name, edited[other].Content);
                return ($"content of {edited[other].Name} in {name}", edited);
            case 3:
                edited[at] = (name, []);
                return ($"empty entry {name}", edited);
            case 4:
            case 5:
                (var what, content) = FileEdit.Apply(content, random);
                edited[at] = (name, content);
                return ($"{what} of {name}", edited);
            default:
                (what, content) = Path.GetExtension(name) switch
                {
                    ".json" => JsonEdit.Apply(content, random),
                    ".safetensors" => TensorEdit.Apply(content, random),
                    ".zip" => ArchiveEdit.Apply(content, random),
                    _ => FileEdit.Apply(content, random),
                };
                edited[at] = (name, content);
                return ($"{what} in {name}", edited);
        }
    }
}
