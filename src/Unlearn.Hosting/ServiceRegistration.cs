using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Unlearn.Hosting;

/// <summary>Registers a service and the background service that does its work.</summary>
internal static class ServiceRegistration
{
    /// <summary>Adds both, with settings that are checked when the host starts. What a service has registered already stays.</summary>
    public static IServiceCollection AddWorker<TService, TWorker, TOptions, TValidation>(
        this IServiceCollection services, Action<OptionsBuilder<TOptions>> configure)
        where TService : class
        where TWorker : class, IHostedService
        where TOptions : class
        where TValidation : ServiceValidation<TOptions>
    {
        configure(services.AddOptions<TOptions>().ValidateOnStart());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<TOptions>, TValidation>());
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<TService>();
        return services.AddHostedService<TWorker>();
    }
}
