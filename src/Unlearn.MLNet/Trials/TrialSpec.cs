using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Unlearn.MLNet.Trials;

/// <summary>Everything that determines the result of one trial. A trial is one run of one unlearner on one forget set with one seed.</summary>
internal sealed class TrialSpec
{
    /// <summary>Version of the code that runs trials. It is raised whenever a code change affects the results of trials.</summary>
    public const int CodeVersion = 7;

    /// <summary>Creates a spec.</summary>
    /// <param name="unlearner">Name of the unlearner, as in <see cref="IUnlearner.Name"/>.</param>
    /// <param name="context">Hash of what all trials of a plan share, as in <see cref="TrialContext.Hash"/>.</param>
    /// <param name="half">The half of the trials that this trial belongs to: 0 or 1. The halves are disjoint; ceilings are computed from them.</param>
    /// <param name="index">Number of the trial within the unlearner and half, from 0.</param>
    /// <param name="forgetIds">Ids of the rows to forget: at least one.</param>
    /// <param name="seed">Seed of the trial.</param>
    /// <exception cref="ArgumentException">An empty name, context or forget set, a half other than 0 and 1, or a negative index.</exception>
    public TrialSpec(string unlearner, string context, int half, int index, IReadOnlyList<string> forgetIds, long seed)
    {
        ArgumentException.ThrowIfNullOrEmpty(unlearner);
        ArgumentException.ThrowIfNullOrEmpty(context);
        ArgumentOutOfRangeException.ThrowIfNegative(half);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(half, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentNullException.ThrowIfNull(forgetIds);
        if (forgetIds.Count == 0)
            throw new ArgumentException(
                $"Trial {index} of {unlearner} (half {half}) has an empty forget set: name at least one row to forget.", nameof(forgetIds));
        Unlearner = unlearner;
        Context = context;
        Half = half;
        Index = index;
        ForgetIds = [.. forgetIds];
        Seed = seed;
        Id = Hash();
    }

    /// <summary>Name of the unlearner.</summary>
    public string Unlearner { get; }

    /// <summary>Hash of what all trials of the plan share.</summary>
    public string Context { get; }

    /// <summary>The half of the trials that this trial belongs to: 0 or 1.</summary>
    public int Half { get; }

    /// <summary>Number of the trial within the unlearner and half, from 0.</summary>
    public int Index { get; }

    /// <summary>Ids of the rows to forget.</summary>
    public IReadOnlyList<string> ForgetIds { get; }

    /// <summary>Seed of the trial.</summary>
    public long Seed { get; }

    /// <summary>SHA-256 of all of the above and of <see cref="CodeVersion"/>, as lower-case hexadecimal digits: the trial's name in the ledger.</summary>
    public string Id { get; }

    /// <summary>The trial in words: unlearner, index, half and id.</summary>
    public override string ToString() => Invariant($"{Unlearner} trial {Index} of half {Half} ({Id})");

    private string Hash()
    {
        var content = new ByteWriter();
        Append($"unlearn-trial/{CodeVersion}");
        Append(Unlearner);
        Append(Context);
        Append(Half.ToString(CultureInfo.InvariantCulture));
        Append(Index.ToString(CultureInfo.InvariantCulture));
        Append(Seed.ToString(CultureInfo.InvariantCulture));
        foreach (var id in ForgetIds)
            Append(id);
        return Convert.ToHexStringLower(SHA256.HashData(content.Written));

        void Append(string text)
        {
            content.Integer(Encoding.UTF8.GetByteCount(text));
            content.Text(text);
        }
    }
}
