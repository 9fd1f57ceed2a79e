using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Unlearn.Transforms;

namespace Unlearn.MLNet.Trials;

/// <summary>
/// Everything that all trials of a plan share. It exists as a hash, which is part of each trial's id, and in words, which people can compare.
/// </summary>
internal sealed class TrialContext
{
    private const int ShownDigits = 16;

    /// <summary>Creates a context.</summary>
    /// <param name="hash">Hash of everything that determines the results of the trials, except forget set and seed.</param>
    /// <param name="description">The context in words: names and values, in the order in which they are shown.</param>
    /// <exception cref="ArgumentException">The hash is empty, or a name occurs twice.</exception>
    public TrialContext(string hash, params IEnumerable<KeyValuePair<string, string>> description)
    {
        ArgumentException.ThrowIfNullOrEmpty(hash);
        Hash = hash;
        Description = new OrderedDictionary<string, string>(description, StringComparer.Ordinal);
    }

    /// <summary>Hash of everything that determines the results of the trials, except forget set and seed.</summary>
    public string Hash { get; }

    /// <summary>The context in words: names and values, in the order in which they are shown.</summary>
    public IReadOnlyDictionary<string, string> Description { get; }

    /// <summary>The context of an unlearner's trials.</summary>
    /// <param name="unlearner">The unlearner.</param>
    /// <param name="recipe">How the target is trained.</param>
    /// <param name="targetSeed">Seed that the target is trained with.</param>
    /// <param name="rows">All rows.</param>
    /// <param name="testRows">Rows that the target is not trained on; may be <see langword="null"/>.</param>
    public static TrialContext Of(IUnlearner unlearner, ITrainingRecipe recipe, long targetSeed, TrainingRows rows, TrainingRows? testRows)
    {
        ArgumentNullException.ThrowIfNull(unlearner);
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(rows);
        var text = string.Join('\n', rows.ContentHash, testRows?.ContentHash ?? "", recipe.Specification, targetSeed, unlearner.Specification);
        return new(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))),
        [
            new("rows", Describe(rows)),
            new("test rows", testRows is null ? "none" : Describe(testRows)),
            new("recipe", recipe.Specification),
            new("target's seed", targetSeed.ToString(CultureInfo.InvariantCulture)),
            new("unlearner", unlearner.Specification),
        ]);
    }

    /// <summary>The same context with the words of one plan.</summary>
    internal TrialContext With(params IEnumerable<KeyValuePair<string, string>> description) => new(Hash, Description.Concat(description)) { Shared = Shared };

    /// <summary>The context without the words of one plan, for another one.</summary>
    internal TrialContext Shared { get => field ?? this; private init; }

    private static string Describe(TrainingRows rows) => Invariant($"{rows.Count} with SHA-256 {rows.ContentHash[..ShownDigits]}…");
}
