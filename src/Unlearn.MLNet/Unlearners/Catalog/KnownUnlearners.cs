using System.Collections.Concurrent;

namespace Unlearn.MLNet;

/// <summary>Finds unlearners by their names, each with its default options.</summary>
public static class KnownUnlearners
{
    private static readonly IUnlearner[] BuiltIn =
    [
        new ExactRetraining(), new FineTuning(), new Sisa(), new GradientAscent(), new NegGradPlus(), new RandomLabels(), new SalUn(), new Scrub(),
        new BadTeacher(),
        new SelectiveSynapticDampening(), new L1SparseFineTuning(), new InfluenceRemoval(), new MaskedSmallGradients(),
        new ConvolutionTranspose(), new LastLayerRemoval(),
        new CatastrophicForgetting(), new LastLayersRetraining(), new FisherForgetting(), new BoundaryShrink(), new DecoupledDistillation(),
    ];

    private static readonly ConcurrentDictionary<string, IUnlearner> ByName =
        new(BuiltIn.ToDictionary(unlearner => unlearner.Name), StringComparer.OrdinalIgnoreCase);

    /// <summary>All known unlearners: first the unlearners of the library, then the registered ones by name.</summary>
    public static IReadOnlyList<IUnlearner> All =>
        [.. BuiltIn, .. ByName.Values.Except(BuiltIn).OrderBy(unlearner => unlearner.Name, StringComparer.OrdinalIgnoreCase)];

    /// <summary>Registers your own unlearner by its name.</summary>
    /// <param name="unlearner">The unlearner.</param>
    /// <exception cref="ArgumentException">Another unlearner has this name.</exception>
    public static void Register(IUnlearner unlearner)
    {
        ArgumentNullException.ThrowIfNull(unlearner);
        ArgumentException.ThrowIfNullOrWhiteSpace(unlearner.Name);
        if (!ReferenceEquals(ByName.GetOrAdd(unlearner.Name, unlearner), unlearner))
            throw new ArgumentException($"Another unlearner is named '{unlearner.Name}' already.", nameof(unlearner));
    }

    /// <summary>Finds an unlearner by its name.</summary>
    /// <param name="name">Name, for example <c>SCRUB</c>; case does not matter.</param>
    /// <exception cref="ArgumentException">No unlearner has this name.</exception>
    public static IUnlearner Find(string name) => ByName.TryGetValue(name ?? "", out var unlearner)
        ? unlearner
        : throw new ArgumentException($"There is no unlearner '{name}'. Known are {string.Join(", ", All.Select(known => known.Name))}; "
            + $"register one of your own with {nameof(KnownUnlearners)}.{nameof(Register)}.", nameof(name));
}
