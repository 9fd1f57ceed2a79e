namespace Unlearn.MLNet.Tests.Unlearners;

/// <summary>The library's unlearners. <see cref="KnownUnlearners.All"/> also has those that tests beside this one have registered by then.</summary>
internal static class OwnUnlearners
{
    public static IEnumerable<IUnlearner> All => KnownUnlearners.All.Where(unlearner => unlearner.GetType().Assembly == typeof(IUnlearner).Assembly);

    public static IEnumerable<string> Names => All.Select(unlearner => unlearner.Name);
}
